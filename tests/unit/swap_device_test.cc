#include "swap/swap_device.h"

#include <stdlib.h>
#include <unistd.h>

#include <array>
#include <catch2/catch.hpp>

#include "sim/machine/check.h"
#include "sim/machine/types.h"

namespace bachsim {
namespace {

using PageBytes = std::array<std::byte, kPageSize>;

PageBytes page_of(unsigned value) {
  PageBytes page;
  page.fill(std::byte(value));
  return page;
}

TEST_CASE("a block of a swap device keeps the page that was written to it") {
  HostBudget budget;
  SwapDevice device(3, budget);
  for (unsigned block = 1; block <= 3; ++block)
    device.write(block, page_of(block).data());
  device.write(2, page_of(9).data());
  for (const auto& [block, value] : {std::pair{1u, 1u}, {2u, 9u}, {3u, 3u}}) {
    PageBytes page{};
    device.read(block, page.data());
    CHECK(page == page_of(value));
  }
}

TEST_CASE("a block of a swap device that was never written reads as zeros") {
  HostBudget budget;
  const SwapDevice device(2, budget);
  PageBytes page = page_of(5);
  device.read(2, page.data());
  CHECK(page == page_of(0));
}

TEST_CASE("blocks of a swap device count from 1") {
  const auto block = GENERATE(as<std::uint64_t>{}, 0, 3);
  HostBudget budget;
  SwapDevice device(2, budget);
  PageBytes page{};
  CHECK_THROWS_AS(device.read(block, page.data()), KernelPanic);
  CHECK_THROWS_AS(device.write(block, page.data()), KernelPanic);
}

TEST_CASE("a swap file is made anew, and is the user's trouble where it cannot be") {
  char path[] = "/tmp/swap-test-XXXXXX";
  const int taken = mkstemp(path);
  REQUIRE(taken >= 0);
  CHECK_THROWS_AS(SwapFile(path), HostLimit);
  CHECK_THROWS_AS(SwapFile("/no/such/folder/swap"), HostLimit);
  close(taken);
  REQUIRE(unlink(path) == 0);
  {
    const SwapFile file(path);
    CHECK(file.exists());
    CHECK(access(path, F_OK) != 0);  // not even a killed run leaves it behind
  }
  CHECK_FALSE(SwapFile("").exists());
}

TEST_CASE("a block of a swap file that was never written reads as zeros") {
  char path[] = "/tmp/swap-test-XXXXXX";
  close(mkstemp(path));
  REQUIRE(unlink(path) == 0);
  SwapFile file(path);
  SwapDevice device(3, file, 2 * kPageSize);
  device.write(2, page_of(7).data());
  for (const auto& [block, value] : {std::pair{1u, 0u}, {2u, 7u}, {3u, 0u}}) {
    PageBytes page = page_of(9);
    device.read(block, page.data());
    CHECK(page == page_of(value));
  }
}

TEST_CASE("a swap device larger than the host costs nothing until it is written") {
  constexpr std::uint64_t kHuge = std::uint64_t{1} << 32;
  HostBudget budget;
  SwapDevice device(kHuge, budget);
  PageBytes page = page_of(1);
  CHECK_NOTHROW(device.write(10, page.data()));
  CHECK_NOTHROW(device.read(kHuge, page.data()));
  CHECK_THROWS_AS(device.write(kHuge, page.data()), HostLimit);
}

}  // namespace
}  // namespace bachsim
