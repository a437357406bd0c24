#include "sim/draw/ranges.h"

#include <algorithm>

namespace bachsim {

std::string ranges_text(std::vector<std::uint32_t> numbers, std::size_t most, std::string_view to,
                        const std::function<std::string(std::uint32_t)>& show) {
  std::ranges::sort(numbers);
  numbers.erase(std::unique(numbers.begin(), numbers.end()), numbers.end());
  std::string result;
  std::size_t ranges = 0;
  for (std::size_t i = 0; i < numbers.size();) {
    if (ranges++ == most) return result + ",…";
    std::size_t end = i;
    while (end + 1 < numbers.size() && numbers[end + 1] == numbers[end] + 1) ++end;
    if (!result.empty()) result += ',';
    result += show(numbers[i]);
    if (end > i) result += std::string(to) + show(numbers[end]);
    i = end + 1;
  }
  return result;
}

}  // namespace bachsim
