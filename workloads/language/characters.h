// UTF-8, and the characters of it that texts may hold.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace bachsim {

// Bytes of the character at `at`, as the Unicode standard (3.9, table 3-7) has it. 0 for bytes that are no character,
// for control characters, and for those that change the direction in which a terminal writes.
// REQUIRES: at < text.size()
[[nodiscard]] std::size_t character_at(std::string_view text, std::size_t at);

// The text with every byte that is no character as `\x1b`: for names that the user's files have.
[[nodiscard]] std::string printable(std::string_view text);

// The text with its middle left out where it is longer than `most` bytes, which is at least 8.
[[nodiscard]] std::string shortened(std::string_view text, std::size_t most);

}  // namespace bachsim
