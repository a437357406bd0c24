// The commands of the program, and what they share.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace bachsim {

inline constexpr int kOk = 0;
inline constexpr int kExpectationFailed = 1;
inline constexpr int kUserError = 2;
inline constexpr int kBug = 3;

// Words behind the command's name.
using Arguments = std::vector<std::string>;

int run_command(const Arguments& arguments);
int check_command(const Arguments& arguments);
int textbook_command(const Arguments& arguments);
int compare_command(const Arguments& arguments);

// Text on standard error. That nobody listens there is no reason to stop.
void tell(std::string_view text);

// A text of the host or the user, a file's name say, as a terminal may have it: bytes that are no character of UTF-8,
// or one that a terminal would obey, as `\x1b`.
[[nodiscard]] std::string printable(std::string_view text);

// `bachsim: what` in one printable line on standard error; returns kUserError.
int complain(std::string_view what);

}  // namespace bachsim
