// Formats that have one reference on a line.
#include <string_view>

#include "workloads/language/references.h"

namespace bachsim {
namespace {

constexpr std::uint64_t kLargestAccess = 65'535;

bool is_space(char c) { return c == ' ' || c == '\t' || c == '\r'; }

const char* behind_spaces(const char* at) {
  while (is_space(*at)) ++at;
  return at;
}

// REQUIRES: there is a newline
const char* next_line(const char* at) {
  while (*at != '\n') ++at;
  return at + 1;
}

const char* behind_0x(const char* at) { return *at == '0' && (at[1] == 'x' || at[1] == 'X') ? at + 2 : at; }

// Whether a word begins there, and no longer one.
bool has_word(const char* at, std::string_view word) {
  for (const char c : word) {
    if (*at++ != c) return false;  // a newline is in no word
  }
  return is_space(*at) || *at == '\n';
}

}  // namespace

const char* ReferenceReader::end_of_line(const char* at) {
  at = behind_spaces(at);
  if (*at != '\n') bad(at, "the end of the line");
  return at + 1;
}

// `I  0400d7d4,8`, ` L 1ffeffe7f0,8`, ` S` and ` M`; valgrind's own lines begin with `==` or `--`.
const char* ReferenceReader::lackey(const char* at) {
  at = behind_spaces(at);
  const char* const begin = at;
  const char kind = *at;
  if (kind == '\n' || kind == '=' || kind == '-' || kind == '#') return next_line(at);
  if ((kind != 'I' && kind != 'L' && kind != 'S' && kind != 'M') || !is_space(at[1])) bad(at, "`I`, `L`, `S` or `M`");
  std::uint64_t address = 0;
  std::uint64_t bytes = 0;
  at = number(behind_0x(behind_spaces(at + 1)), 16, address);
  if (*at != ',') bad(at, "`,` and the size of the access");
  const char* const size = at + 1;
  at = number(size, 10, bytes);
  if (bytes == 0 || bytes > kLargestAccess) bad(size, "a size from 1 to 65535");
  // A modification is a load and a store.
  if (kind == 'M') add(begin, address, Access::Load, bytes);
  add(begin, address, kind == 'I' ? Access::Fetch : kind == 'L' ? Access::Load : Access::Store, bytes);
  return end_of_line(at);
}

// `0 ADDRESS` reads, `1 ADDRESS` writes, `2 ADDRESS` fetches; 3 and 4 are no references; the rest of a line is a
// comment.
const char* ReferenceReader::dinero(const char* at) {
  at = behind_spaces(at);
  const char* const begin = at;
  const char label = *at;
  if (label == '\n' || label == '#') return next_line(at);
  if (label < '0' || label > '4' || !is_space(at[1])) bad(at, "a label from 0 to 4");
  std::uint64_t address = 0;
  at = number(behind_0x(behind_spaces(at + 1)), 16, address);
  if (!is_space(*at) && *at != '\n') bad(at, "a blank behind the address");
  if (label < '3') add(begin, address, label == '0' ? Access::Load : label == '1' ? Access::Store : Access::Fetch);
  return next_line(at);
}

// `0041f7a0 R`, or the letter first.
const char* ReferenceReader::hex(const char* at) {
  at = behind_spaces(at);
  const char* const begin = at;
  if (*at == '\n' || *at == '#') return next_line(at);
  const auto is_letter = [](char c) { return c == 'R' || c == 'r' || c == 'W' || c == 'w'; };
  const bool first = is_letter(*at);
  char letter = *at;
  std::uint64_t address = 0;
  at = number(behind_0x(first ? behind_spaces(at + 1) : at), 16, address);
  if (!first) {
    at = behind_spaces(at);
    letter = *at;
    if (!is_letter(letter)) bad(at, "`R` or `W` behind the address");
    ++at;
  }
  add(begin, address, letter == 'W' || letter == 'w' ? Access::Store : Access::Load);
  return end_of_line(at);
}

// `READ hex CC32`, `WRITE bin 0101`, `READ oct 17`, `READ 19`.
const char* ReferenceReader::moss(const char* at) {
  at = behind_spaces(at);
  if (*at == '\n' || *at == '#' || (*at == '/' && at[1] == '/')) return next_line(at);
  const char* const begin = at;
  const bool writes = has_word(at, "WRITE");
  if (!writes && !has_word(at, "READ")) bad(at, "`READ` or `WRITE`");
  at = behind_spaces(at + (writes ? 5 : 4));
  const unsigned base = has_word(at, "hex") ? 16 : has_word(at, "oct") ? 8 : has_word(at, "bin") ? 2 : 10;
  if (base != 10) at = behind_spaces(at + 3);
  std::uint64_t address = 0;
  at = number(at, base, address);
  add(begin, address, writes ? Access::Store : Access::Load);
  return end_of_line(at);
}

}  // namespace bachsim
