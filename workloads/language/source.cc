#include "workloads/language/source.h"

#include <algorithm>
#include <utility>

#include "sim/machine/check.h"

namespace bachsim {

std::size_t character_at(std::string_view text, std::size_t at) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[at + i]); };
  const unsigned lead = byte(0);
  if (lead < 0x80)
    return lead >= 0x20 && lead != 0x7f ? 1 : 0;
  const std::size_t length = lead >= 0xf0 && lead <= 0xf4   ? 4
                             : lead >= 0xe0 && lead <= 0xef ? 3
                             : lead >= 0xc2 && lead <= 0xdf ? 2
                                                            : 0;
  if (length == 0 || at + length > text.size())
    return 0;
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xc0) != 0x80)
      return 0;
  }
  return lead == 0xc2 && byte(1) < 0xa0 ? 0 : length;
}

std::size_t Sources::add(std::string name, std::string text) {
  KASSERT(bytes() + text.size() < kMaxBytes);
  const std::uint32_t start = end_;
  end_ += static_cast<std::uint32_t>(text.size()) + 1;  // one more: the place behind the last byte
  files_.push_back({.name = std::move(name), .text = std::move(text), .start = start});
  return files_.size() - 1;
}

std::size_t Sources::file_of(Place place) const {
  const auto behind = std::ranges::upper_bound(files_, place.offset, {}, &File::start);
  KASSERT(behind != files_.begin());
  return static_cast<std::size_t>(behind - files_.begin()) - 1;
}

Sources::Position Sources::find(Place place) const {
  const std::size_t file = file_of(place);
  const std::string_view text = files_[file].text;
  const std::size_t at = std::min<std::size_t>(place.offset - files_[file].start, text.size());
  const std::size_t newline = at == 0 ? std::string_view::npos : text.rfind('\n', at - 1);
  const std::size_t begin = newline == std::string_view::npos ? 0 : newline + 1;
  std::size_t end = std::min(text.find('\n', at), text.size());
  if (end > begin && text[end - 1] == '\r')
    --end;
  const auto line = std::ranges::count(text.substr(0, begin), '\n') + 1;
  return {.file = file,
          .line = static_cast<std::uint32_t>(line),
          .column = static_cast<std::uint32_t>(std::min(at, end) - begin + 1),
          .text = text.substr(begin, end - begin)};
}

std::string_view Sources::slice(Place begin, Place end) const {
  const File& file = files_[file_of(begin)];
  return std::string_view(file.text).substr(begin.offset - file.start, end.offset - begin.offset);
}

}  // namespace bachsim
