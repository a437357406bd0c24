// The texts that a script is made of, and places in them.
//
// All files lie one behind the other in one space of offsets, so that a place is one number, and costs nothing
// until somebody wants its file, line and column.
#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

namespace bachsim {

struct Place {
  std::uint32_t offset = 0;

  friend constexpr bool operator==(Place, Place) = default;
};

class Sources {
 public:
  // Scripts are shorter: a longer one would cost the host some ten times as much again.
  static constexpr std::uint64_t kMaxBytes = std::uint64_t{1} << 28;

  // Adds a text under the name that errors call it by; returns its index. Texts stay where they are.
  // REQUIRES: all texts together are below 2^32 bytes. Callers that add a script check kMaxBytes first.
  std::size_t add(std::string name, std::string text);

  [[nodiscard]] std::uint64_t bytes() const { return end_; }
  [[nodiscard]] std::size_t files() const { return files_.size(); }
  [[nodiscard]] std::string_view name(std::size_t file) const { return files_[file].name; }
  // A zero byte follows it.
  [[nodiscard]] std::string_view text(std::size_t file) const { return files_[file].text; }

  // Where a text begins.
  [[nodiscard]] Place start(std::size_t file) const { return {files_[file].start}; }

  // A place as a person knows it. Line and column count from 1; the column counts bytes.
  struct Position {
    std::size_t file;
    std::uint32_t line;
    std::uint32_t column;
    std::string_view text;  // the whole line, without its end
  };
  [[nodiscard]] Position find(Place place) const;

  // The text between two places of one file.
  [[nodiscard]] std::string_view slice(Place begin, Place end) const;
  // The same as it is shown: characters that nobody sees are escaped.
  [[nodiscard]] std::string shown(Place begin, Place end) const;

 private:
  // The line that a byte of a text is on.
  struct Mark {
    std::uint32_t line = 1;
    std::uint32_t begin = 0;  // of the line, in the text
  };
  static constexpr std::size_t kMark = 1024;
  struct File {
    std::string name;
    std::string text;
    std::uint32_t start;
    mutable std::vector<Mark> marks;  // [byte / kMark]; made when a place is first looked for
  };

  [[nodiscard]] static const std::vector<Mark>& marks(const File& file);

  [[nodiscard]] std::size_t file_of(Place place) const;

  std::deque<File> files_;
  std::uint32_t end_ = 0;
};

}  // namespace bachsim
