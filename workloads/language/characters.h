// UTF-8, and the characters of it that texts may hold.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace bachsim {

// Bytes of the character at `at` (the Unicode standard, 3.9, table 3-7). 0 for bytes that are no character, and for
// characters that control a terminal, change its direction of writing, are unseen, or cannot stand in XML.
// REQUIRES: at < text.size()
[[nodiscard]] std::size_t character_at(std::string_view text, std::size_t at);

// Bytes of the unseen character at `at`: a space of no width, or an unusual line's end. 0 for others.
[[nodiscard]] std::size_t unseen_at(std::string_view text, std::size_t at);

// The first byte of the character that the byte at `at` is part of; `at` itself for one that is part of none.
[[nodiscard]] std::size_t character_start(std::string_view text, std::size_t at);

// The text with every byte that character_at() has no character for as `\x1b`. Tabs stay if `tabs` is true.
[[nodiscard]] std::string printable(std::string_view text, bool tabs = false);

// The lines of a text, each as printable() has it with its tabs. They end with newlines only, on DOS too.
[[nodiscard]] std::string printable_lines(std::string_view text);

// The text with its middle left out where it is longer than `most` bytes, which is at least 8.
[[nodiscard]] std::string shortened(std::string_view text, std::size_t most);

}  // namespace bachsim
