#include "workloads/language/source.h"

#include <algorithm>
#include <utility>

#include "sim/machine/check.h"
#include "workloads/language/characters.h"

namespace bachsim {

std::size_t Sources::add(std::string name, std::string text) {
  KASSERT(bytes() + text.size() < ~std::uint32_t{0});
  const std::uint32_t start = end_;
  end_ += static_cast<std::uint32_t>(text.size()) + 1;  // one more: the place behind the last byte
  files_.push_back({.name = std::move(name), .text = std::move(text), .start = start, .marks = {}});
  return files_.size() - 1;
}

std::size_t Sources::file_of(Place place) const {
  const auto behind = std::ranges::upper_bound(files_, place.offset, {}, &File::start);
  KASSERT(behind != files_.begin());
  return static_cast<std::size_t>(behind - files_.begin()) - 1;
}

const std::vector<Sources::Mark>& Sources::marks(const File& file) {
  if (!file.marks.empty()) return file.marks;
  file.marks.reserve(file.text.size() / kMark + 1);
  Mark mark;
  for (std::size_t at = 0; at <= file.text.size(); ++at) {
    if (at % kMark == 0) file.marks.push_back(mark);
    if (at < file.text.size() && file.text[at] == '\n')
      mark = {.line = mark.line + 1, .begin = static_cast<std::uint32_t>(at + 1)};
  }
  return file.marks;
}

Sources::Position Sources::find(Place place) const {
  const std::size_t index = file_of(place);
  const File& file = files_[index];
  const std::string_view text = file.text;
  const std::size_t at = std::min<std::size_t>(place.offset - file.start, text.size());
  const std::vector<Mark>& known = marks(file);
  Mark line = known[at / kMark];
  for (std::size_t i = at / kMark * kMark; i < at; ++i) {
    if (text[i] == '\n') line = {.line = line.line + 1, .begin = static_cast<std::uint32_t>(i + 1)};
  }
  // The line's end is before the first mark that counts it.
  const auto behind = std::ranges::upper_bound(known.begin() + static_cast<std::ptrdiff_t>(at / kMark), known.end(),
                                               line.line, {}, &Mark::line);
  const auto last = static_cast<std::size_t>(behind - known.begin()) - 1;
  std::size_t end = std::min(text.find('\n', std::max(at, last * kMark)), text.size());
  if (end > line.begin && text[end - 1] == '\r') --end;
  return {.file = index,
          .line = line.line,
          .column = static_cast<std::uint32_t>(std::min(at, end) - line.begin + 1),
          .text = text.substr(line.begin, end - line.begin)};
}

std::string_view Sources::slice(Place begin, Place end) const {
  const File& file = files_[file_of(begin)];
  return std::string_view(file.text).substr(begin.offset - file.start, end.offset - begin.offset);
}

std::string Sources::shown(Place begin, Place end) const { return printable(slice(begin, end), true); }

}  // namespace bachsim
