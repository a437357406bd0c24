// An answer as it was written: the value, what stands behind it, and the words and numbers of a text.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace bachsim {

// A reading that failed, for the student.
struct UnclearAnswer {
  std::string what;
};

constexpr bool is_digit(char c) { return c >= '0' && c <= '9'; }
constexpr bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
constexpr bool is_beyond_ascii(char c) {
  return static_cast<unsigned char>(c) >= 0x80;
}  // a part of a sign beyond ASCII
constexpr char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; }

template <std::size_t N>
bool is_one_of(std::string_view word, const std::array<std::string_view, N>& words) {
  return std::ranges::find(words, word) != words.end();
}
// `none`, `no`, `never`
[[nodiscard]] bool means_nothing(std::string_view word);
// `not`, `cleared`, `without`
[[nodiscard]] bool denies(std::string_view word);

// Small letters and signs of a keyboard, without the frame of the blank, quotes and marks around it.
[[nodiscard]] std::string cleaned(std::string_view written);

struct AnswerParts {
  std::string_view value;
  std::string_view aside;   // behind a comma, a dash or a semicolon: `yes, two processes`
  std::string_view behind;  // the aside, and what is in brackets; reasons are in neither

  [[nodiscard]] std::string_view whole() const { return {value.begin(), behind.end()}; }
};
// Words may go on behind a comma or a dash: `ready, swapped`. A number behind one is another answer, but where a truth
// is asked for. Throws UnclearAnswer if more stands behind a closed bracket.
enum class Commas : std::uint8_t { End, GoOn };
[[nodiscard]] AnswerParts parts_of(std::string_view text, Commas commas, bool truth);

// A word or a number of an answer, in small letters.
struct AnswerToken {
  std::string word{};  // or:
  std::optional<std::int64_t> number{};
  std::int64_t factor = 1;  // that the number has in it, of `KB` and the like

  // Also of a word that says one, such as `four`.
  [[nodiscard]] std::optional<std::int64_t> value() const;
};
// Throws UnclearAnswer if a number cannot be read, or the text says that it is no single value: `<4`, `2 + 2`.
[[nodiscard]] std::vector<AnswerToken> answer_tokens(std::string_view text);
// The words alone, whatever stands between them.
[[nodiscard]] std::vector<std::string_view> words_of_letters(std::string_view text);

// As many times a number; a unit of an answer says how often. Throws UnclearAnswer if it is too large.
[[nodiscard]] std::int64_t so_many_times(std::int64_t number, std::int64_t factor);

}  // namespace bachsim
