#include "workloads/language/references.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <utility>

#include "workloads/language/characters.h"

namespace bachsim {
namespace {

constexpr std::size_t kShownAround = 200;  // bytes of a line on each side of a mistake

bool is_decimal(char c) { return static_cast<unsigned char>(c - '0') < 10; }
bool is_blank_here(char c) { return c == ' ' || c == '\t' || c == '\r'; }
bool is_between(char c) { return is_blank_here(c) || c == ',' || c == '\n'; }

std::optional<Access> access_of(char letter) {
  return letter == 'r' || letter == 'R'   ? std::optional(Access::Load)
         : letter == 'w' || letter == 'W' ? std::optional(Access::Store)
                                          : std::nullopt;
}

unsigned digit_of(char c) {
  const char small = static_cast<char>(c | 0x20);
  return is_decimal(c)                  ? static_cast<unsigned>(c - '0')
         : small >= 'a' && small <= 'f' ? static_cast<unsigned>(small - 'a') + 10
                                        : 16;
}

}  // namespace

ReferenceReader::ReferenceReader(ReferenceFormat format, std::string name, std::unique_ptr<ReferenceFile::Text> text)
    : format_(format),
      name_(std::move(name)),
      text_(std::move(text)),
      block_(kBlock + 2),
      at_(block_.data()),
      cut_(at_),
      end_(at_) {
  found_.reserve(kMost + 1);
}

std::span<const RecordedReference> ReferenceReader::next() {
  found_.clear();
  if (trouble_) throw BadReference(std::move(*trouble_));
  try {
    while (found_.empty()) {
      if (at_ == cut_) refill();
      if (at_ == end_) break;
      parse();
    }
  } catch (BadReference& bad) {
    if (found_.empty()) throw;
    trouble_ = std::move(bad);
  }
  return found_;
}

// Moves the rest of the block to its front, and reads more of the text behind it.
void ReferenceReader::refill() {
  char* const block = block_.data();
  const std::string_view done(block, static_cast<std::size_t>(at_ - block));
  if (const std::size_t newline = done.rfind('\n'); newline != std::string_view::npos) {
    line_ += static_cast<std::uint64_t>(std::ranges::count(done, '\n'));
    column_ = done.size() - newline;
  } else {
    column_ += done.size();
  }
  auto size = static_cast<std::size_t>(end_ - at_);
  std::memmove(block, at_, size);
  while (size < kBlock && !last_) {
    const std::size_t count = text_->read({block + size, kBlock - size});
    last_ = count == 0;
    size += count;
  }
  if (last_ && size > 0 && block[size - 1] != '\n') block[size++] = '\n';
  block[size] = '\n';
  at_ = block;
  end_ = block + size;
  const std::size_t newline = std::string_view(block, size).rfind('\n');
  cut_ = newline != std::string_view::npos ? block + newline + 1 : is_foreign(format_) ? end_ : plain_cut();
  if (cut_ == end_ && is_foreign(format_) && newline == std::string_view::npos && size > 0)
    throw BadReference{line_at(0), "the line is too long"};
}

// In a line that is longer than the block: before its last number, whose letter may still come.
const char* ReferenceReader::plain_cut() const {
  const char* token = end_;
  while (token > at_) {
    while (token > at_ && is_between(token[-1])) --token;
    while (token > at_ && !is_between(token[-1])) --token;
    if (is_decimal(*token) && token > at_) return token;
  }
  return end_;
}

void ReferenceReader::parse() {
  if (is_foreign(format_))
    lines();
  else
    plain();
}

void ReferenceReader::lines() {
  const auto each = [this](const char* (ReferenceReader::*line)(const char*)) {
    while (at_ < cut_ && found_.size() < kMost) at_ = (this->*line)(at_);
  };
  if (format_ == ReferenceFormat::Lackey) return each(&ReferenceReader::lackey);
  if (format_ == ReferenceFormat::Dinero) return each(&ReferenceReader::dinero);
  if (format_ == ReferenceFormat::Hex) return each(&ReferenceReader::hex);
  each(&ReferenceReader::moss);
}

// Numbers with blanks, commas or newlines between them, `r` or `w` before or behind each, and comments.
void ReferenceReader::plain() {
  const char* at = at_;
  while (at < cut_ && found_.size() < kMost) {
    if (comment_) [[unlikely]] {
      at = std::find(at, cut_, '\n');
      if (at == cut_) break;
      comment_ = false;
    }
    const char c = *at;
    if (is_decimal(c)) [[likely]] {
      at = plain_number(at);
    } else if (c == '\n') {
      if (letter_) bad(at, "a number");
      letters_ = Letters::Unknown;
      ++at;
    } else if (is_blank_here(c) || c == ',') {
      ++at;
    } else if (c == '#') {
      comment_ = true;
    } else {
      at = plain_letter(at);
    }
  }
  at_ = at;
}

const char* ReferenceReader::plain_number(const char* at) {
  const char* const begin = at;
  std::uint64_t value = 0;
  at = number(at, value);
  if (*at == '\n' && letters_ != Letters::Before) [[likely]] {
    add(begin, value, Access::Load);
    letters_ = Letters::Unknown;
    return at + 1;
  }
  if (letters_ == Letters::Before) {
    if (!is_between(*at) && *at != '#') bad(at, "a blank behind the number");
    add(begin, value, letter_.value_or(Access::Load));
    letter_.reset();
    return at;
  }
  letters_ = Letters::Behind;
  const char* letter = at;
  while (is_blank_here(*letter)) ++letter;
  const auto access = access_of(*letter);
  if (access && (is_between(letter[1]) || letter[1] == '#')) {
    add(begin, value, *access);
    return letter + 1;
  }
  if (letter == at && !is_between(*at) && *at != '#') bad(at, "`r`, `w` or a blank behind the number");
  add(begin, value, Access::Load);
  return letter;
}

// `r` or `w` before a number.
const char* ReferenceReader::plain_letter(const char* at) {
  const auto access = access_of(*at);
  if (!access || letters_ == Letters::Behind || letter_ || !is_between(at[1]))
    bad(at, letters_ == Letters::Unknown ? "a number, `r` or `w`" : "a number");
  letters_ = Letters::Before;
  letter_ = access;
  return at + 1;
}

// A decimal number, or a hexadecimal one behind 0x.
const char* ReferenceReader::number(const char* at, std::uint64_t& value) {
  constexpr std::ptrdiff_t kSafeDigits = 19;
  if (*at == '0' && (at[1] == 'x' || at[1] == 'X')) return number(at + 2, 16, value);
  const char* const begin = at;
  std::uint64_t sum = 0;
  for (; is_decimal(*at); ++at) sum = sum * 10 + static_cast<std::uint64_t>(*at - '0');
  if (at == begin) [[unlikely]]
    bad(begin, "a number");
  if (at - begin > kSafeDigits) [[unlikely]]
    throw BadReference{line_at(static_cast<std::size_t>(begin - block_.data())), "the number is too large"};
  value = sum;
  return at;
}

const char* ReferenceReader::number(const char* at, unsigned base, std::uint64_t& value) {
  const char* const begin = at;
  std::uint64_t sum = 0;
  for (unsigned digit = digit_of(*at); digit < base; digit = digit_of(*++at)) {
    if (sum > (~std::uint64_t{0} - digit) / base) [[unlikely]]
      throw BadReference{line_at(static_cast<std::size_t>(begin - block_.data())), "the number is too large"};
    sum = sum * base + digit;
  }
  if (at == begin) [[unlikely]]
    bad(begin, base == 16 ? "a hexadecimal number" : "a number");
  if (at == end_) [[unlikely]]  // zeros that fill the block
    throw BadReference{line_at(static_cast<std::size_t>(begin - block_.data())), "the number is too large"};
  value = sum;
  return at;
}

void ReferenceReader::bad(const char* at, std::string_view wanted) {
  const auto place = static_cast<std::size_t>(at - block_.data());
  const char* end = at;
  while (end < end_ && !is_between(*end)) ++end;
  const std::string found = end == at ? *at == '\n' ? "the end of the line" : "a blank"
                                      : fmt::format("`{}`", printable({at, static_cast<std::size_t>(end - at)}));
  throw BadReference{line_at(place), fmt::format("expected {}, found {}", wanted, found)};
}

ForeignLine ReferenceReader::line_at(std::size_t at) const {
  const std::string_view text(block_.data(), static_cast<std::size_t>(end_ - block_.data()));
  const std::size_t newline = at == 0 ? std::string_view::npos : text.rfind('\n', at - 1);
  const std::size_t begin = newline == std::string_view::npos ? 0 : newline + 1;
  std::size_t end = std::min(text.find('\n', at), text.size());
  if (end > at && text[end - 1] == '\r') --end;
  const std::size_t first = std::max(begin, at - std::min(at, kShownAround));
  return {.file = name_,
          .line = line_ + static_cast<std::uint64_t>(std::ranges::count(text.substr(0, at), '\n')),
          .column = (begin == 0 ? column_ : 1) + (at - begin),
          .text = std::string(text.substr(first, std::min(end, at + kShownAround) - first)),
          .at = at - first};
}

}  // namespace bachsim
