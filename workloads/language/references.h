// Files of references to memory: the formats that `replay` reads, and the reader that makes references of a text
// (docs/traces.md).
//
// The reader takes memory for one block of the text and for the references of a part of it, however long the file is.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "sim/machine/types.h"
#include "workloads/language/diagnostic.h"

namespace bachsim {

// clang-format off
#define BACHSIM_REFERENCE_FORMATS(X) \
  X(Pages, "pages") X(Addresses, "addresses") X(Lackey, "lackey") X(Dinero, "dinero") X(Hex, "hex") X(Moss, "moss")
// clang-format on

enum class ReferenceFormat : std::uint8_t {
#define X(enumerator, spelling) enumerator,
  BACHSIM_REFERENCE_FORMATS(X)
#undef X
};

// [ReferenceFormat]
inline constexpr std::array kReferenceFormatWords{
#define X(enumerator, spelling) std::string_view(spelling),
    BACHSIM_REFERENCE_FORMATS(X)
#undef X
};

// Their references are those of another program, whose addresses mean nothing here.
constexpr bool is_foreign(ReferenceFormat format) { return format >= ReferenceFormat::Lackey; }

// A file of references. Its text is as long as it was when it was found, or there is none.
class ReferenceFile {
 public:
  ReferenceFile() = default;
  ReferenceFile(const ReferenceFile&) = delete;
  ReferenceFile& operator=(const ReferenceFile&) = delete;
  virtual ~ReferenceFile() = default;

  class Text {
   public:
    Text() = default;
    Text(const Text&) = delete;
    Text& operator=(const Text&) = delete;
    virtual ~Text() = default;

    // Puts the next bytes there, at least one; returns how many, 0 at the end. Throws LimitBetween if that fails.
    virtual std::size_t read(std::span<char> to) = 0;
  };

  // The text from its beginning; any thread may ask for it. On failure, why not, for the user.
  [[nodiscard]] virtual std::expected<std::unique_ptr<Text>, std::string> open() const = 0;
};

struct RecordedReference {
  std::uint64_t number = 0;  // of the page, or the address of the first byte
  std::uint32_t at = 0;      // where it stands in the reader's block
  std::uint16_t bytes = 1;
  Access access = Access::Load;
};

// A line of the text that is no reference.
struct BadReference {
  ForeignLine line;
  std::string what;
};

class ReferenceReader {
  static constexpr std::size_t kBlock = std::size_t{1} << 18;
  static constexpr std::size_t kMost = 4096;  // references at a time

 public:
  // Of the host's memory that one takes, about.
  static constexpr std::uint64_t kBytes = kBlock + kMost * sizeof(RecordedReference);

  // `name`: what errors call the file.
  ReferenceReader(ReferenceFormat format, std::string name, std::unique_ptr<ReferenceFile::Text> text);

  // The next references, in their order; none at the end. They are good until the next call. Throws BadReference when
  // it comes to one.
  [[nodiscard]] std::span<const RecordedReference> next();

  // The line of a reference of the last span.
  [[nodiscard]] ForeignLine line_of(const RecordedReference& reference) const { return line_at(reference.at); }

 private:
  void refill();
  [[nodiscard]] const char* plain_cut() const;
  void parse();

  // references.cc: from at_ to cut_, or until there are enough references
  void plain();
  const char* plain_number(const char* at);
  const char* plain_letter(const char* at);
  void lines();

  // reference_lines.cc: one line from its beginning; returns where the next one begins
  const char* lackey(const char* at);
  const char* dinero(const char* at);
  const char* hex(const char* at);
  const char* moss(const char* at);
  const char* end_of_line(const char* at);

  const char* number(const char* at, std::uint64_t& value);
  const char* number(const char* at, unsigned base, std::uint64_t& value);
  void add(const char* at, std::uint64_t number, Access access, std::uint64_t bytes = 1) {
    found_.push_back({.number = number,
                      .at = static_cast<std::uint32_t>(at - block_.data()),
                      .bytes = static_cast<std::uint16_t>(bytes),
                      .access = access});
  }
  [[noreturn]] void bad(const char* at, std::string_view wanted);
  [[nodiscard]] ForeignLine line_at(std::size_t at) const;

  ReferenceFormat format_;
  std::string name_;
  std::unique_ptr<ReferenceFile::Text> text_;
  std::vector<char> block_;  // a part of the text, and a newline behind it
  const char* at_;           // what is parsed next
  const char* cut_;          // behind what can be parsed now: nothing is cut in two there
  const char* end_;          // of the text in the block
  bool last_ = false;        // the text has no more
  std::vector<RecordedReference> found_;
  std::optional<BadReference> trouble_;  // behind those that were found

  // Where the block begins in the text.
  std::uint64_t line_ = 1;
  std::uint64_t column_ = 1;

  // State of `plain` within a line.
  enum class Letters : std::uint8_t { Unknown, Before, Behind };
  Letters letters_ = Letters::Unknown;  // where `r` and `w` stand on it
  bool comment_ = false;
  std::optional<Access> letter_;  // of the next number
};

}  // namespace bachsim
