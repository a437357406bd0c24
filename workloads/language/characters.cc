#include "workloads/language/characters.h"

#include <fmt/format.h>

#include <algorithm>

namespace bachsim {
namespace {

// Characters that a terminal obeys, or that nobody sees, and numbers that are no character.
bool obeyed(std::uint32_t c) {
  const bool control = c < 0x20 || (c >= 0x7f && c < 0xa0);
  const bool direction =
      c == 0x61c || c == 0x200e || c == 0x200f || (c >= 0x202a && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069);
  const bool unseen = c == 0x200b || c == 0x2028 || c == 0x2029 || c == 0xfeff;
  const bool none = c == 0xfffe || c == 0xffff;  // and no XML may have them
  return control || direction || unseen || none;
}

}  // namespace

std::size_t character_at(std::string_view text, std::size_t at) {
  const auto byte = [&](std::size_t i) { return std::uint32_t{static_cast<unsigned char>(text[at + i])}; };
  const std::uint32_t lead = byte(0);
  const std::size_t length = lead < 0x80                    ? 1
                             : lead >= 0xc2 && lead <= 0xdf ? 2
                             : lead >= 0xe0 && lead <= 0xef ? 3
                             : lead >= 0xf0 && lead <= 0xf4 ? 4
                                                            : 0;
  if (length == 0 || at + length > text.size()) return 0;
  std::uint32_t code = length == 1 ? lead : lead & (0x7fu >> length);
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xc0) != 0x80) return 0;
    code = code << 6 | (byte(i) & 0x3f);
  }
  const bool overlong = (length == 3 && code < 0x800) || (length == 4 && code < 0x10000);
  const bool surrogate = code >= 0xd800 && code < 0xe000;
  return overlong || surrogate || code > 0x10ffff || obeyed(code) ? 0 : length;
}

std::size_t unseen_at(std::string_view text, std::size_t at) {
  for (const std::string_view unseen : {"\u200b", "\u2028", "\u2029", "\ufeff"}) {
    if (text.substr(at).starts_with(unseen)) return unseen.size();
  }
  return 0;
}

std::size_t character_start(std::string_view text, std::size_t at) {
  for (std::size_t back = 1; back <= 3 && back <= at && at < text.size(); ++back) {
    if (character_at(text, at - back) > back) return at - back;
  }
  return at;
}

std::string printable(std::string_view text, bool tabs) {
  // Most texts are plain.
  const auto other = std::ranges::find_if(text, [](char c) { return c < ' ' || c > '~'; });
  std::string result(text.begin(), other);
  for (std::size_t at = result.size(); at < text.size();) {
    const std::size_t length = tabs && text[at] == '\t' ? 1 : character_at(text, at);
    if (length == 0)
      result += fmt::format("\\x{:02x}", static_cast<unsigned char>(text[at]));
    else
      result += text.substr(at, length);
    at += length == 0 ? 1 : length;
  }
  return result;
}

std::string printable_lines(std::string_view text) {
  std::string lines;
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    std::string_view line = text.substr(begin, end - begin);
    if (line.ends_with('\r')) line.remove_suffix(1);
    lines += printable(line, true);
    if (end < text.size()) lines += '\n';
    begin = end + 1;
  }
  return lines;
}

std::string shortened(std::string_view text, std::size_t most) {
  if (text.size() <= most) return std::string(text);
  const std::size_t head = character_start(text, most * 3 / 4);
  std::size_t tail = text.size() - (most - 3 - most * 3 / 4);
  while (character_start(text, tail) != tail) ++tail;
  return fmt::format("{}...{}", text.substr(0, head), text.substr(tail));
}

}  // namespace bachsim
