// Numbers as ranges, for what stands for many of them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace bachsim {

// `0-3,7`; of more than `most` ranges the first ones, and then `…`. `show` writes a number, and `to` stands between
// both ends of a range. The numbers need not be sorted.
[[nodiscard]] std::string ranges_text(
    std::vector<std::uint32_t> numbers, std::size_t most, std::string_view to = "-",
    const std::function<std::string(std::uint32_t)>& show = [](std::uint32_t number) {
      return std::to_string(number);
    });

}  // namespace bachsim
