#include <array>
#include <catch2/catch.hpp>
#include <utility>

#include "sim/machine/types.h"
#include "swap/swap.h"

namespace bachsim {
namespace {

using PageBytes = std::array<std::byte, kPageSize>;

PageBytes page_of(unsigned value) {
  PageBytes page;
  page.fill(std::byte(value));
  return page;
}

TEST_CASE("pages in memory keep what was written to them") {
  HostShare budget;
  MemoryPages pages(3, budget);
  for (unsigned number = 0; number < 3; ++number) pages.write(number, page_of(number).data());
  pages.write(1, page_of(9).data());
  for (const auto& [number, value] : {std::pair{0u, 0u}, {1u, 9u}, {2u, 2u}}) {
    PageBytes page{};
    pages.read(number, page.data());
    CHECK(page == page_of(value));
  }
}

TEST_CASE("a page in memory that was never written reads as zeros") {
  HostShare budget;
  MemoryPages pages(2, budget);
  PageBytes page = page_of(5);
  pages.read(1, page.data());
  CHECK(page == page_of(0));
  pages.write(0, page.data());
  page = page_of(5);
  pages.read(1, page.data());
  CHECK(page == page_of(0));
}

TEST_CASE("more pages than the host could hold cost nothing until they are written") {
  constexpr std::uint64_t kHuge = std::uint64_t{1} << 44;
  HostBudget budget(std::uint64_t{5} << 20);
  HostShare share(&budget);
  MemoryPages pages(kHuge, share);
  PageBytes page = page_of(1);
  CHECK_NOTHROW(pages.write(10, page.data()));
  CHECK_NOTHROW(pages.read(kHuge - 1, page.data()));
  CHECK_NOTHROW(pages.write(kHuge - 1, page.data()));
  CHECK_THROWS_AS(pages.write(kHuge / 2, page.data()), HostLimit);
}

}  // namespace
}  // namespace bachsim
