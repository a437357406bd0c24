#include "regions/image.h"

#include <catch2/catch.hpp>

#include "tests/unit/one_process.h"

namespace bachsim {
namespace {

// One process of 5 pages in memory, without paging: text 0, data 1 and 2, stack 3.
struct Images : One {
  explicit Images(const Config& config = {.frames = 16, .swap = {16}, .paging = PagingPolicy::Off}) : One(config) {}

  const AddressSpace& space(ProcSlot slot) { return kernel.space(slot); }
  std::string page(std::size_t index, std::uint32_t number) {
    return show(kernel.vm(), region(process, index), number);
  }
};

TEST_CASE_METHOD(Images,
                 "an image is one extent, written in one transfer, regions by address and a stack from its top") {
  store(process, VirtAddr{kStack.value - kPageSize}, 7);
  before = numbers(kernel);
  REQUIRE(kernel.swap_out(process));
  CHECK(page(0, 0) == "no frame, swap 1:1");
  CHECK(page(1, 0) == "no frame, swap 1:2");
  CHECK(page(1, 1) == "no frame, swap 1:3");
  CHECK(page(2, 0) == "no frame, swap 1:4");
  CHECK(page(2, 1) == "no frame, swap 1:5");
  CHECK(changes(before, kernel) == Numbers{{"frame.freed", 5},
                                           {"frames.free", 5},
                                           {"frames.used", -5},
                                           {"swap.blocks_allocated", 5},
                                           {"swap.free", -5},
                                           {"swap.transfers", 1},
                                           {"swap.used", 5},
                                           {"swap.writes", 5},
                                           {"swapper.out", 1}});
  CHECK(found().empty());
}

TEST_CASE_METHOD(Images, "what comes back has its bytes, and gives its blocks up") {
  store(process, page_at(kData, 1), 42);
  REQUIRE(kernel.swap_out(process));
  REQUIRE(kernel.swap_in(process));
  CHECK(load(process, page_at(kData, 1)) == 42);
  CHECK(kernel.gauges().swap_used == 0);
  CHECK(kernel.counters().swap.reads == 4);
  CHECK(kernel.counters().swap.transfers == 2);
  CHECK(image_size(kernel.vm(), space(process)).missing == 0);
  CHECK(found().empty());
}

TEST_CASE_METHOD(Images, "what several processes hold stays where it is") {
  const ProcSlot other = spawn(prog);
  shm(process, 5, 2);
  REQUIRE(kernel.shmat(other, 5));
  CHECK(image_size(kernel.vm(), space(process)).own == 3);
  REQUIRE(kernel.swap_out(process));
  CHECK(kernel.counters().swap.writes == 3);
  CHECK(page(0, 0) == "frame 0 RXU, none");
  CHECK(kernel.gauges().swap_used == 3);
  CHECK(found().empty());
}

TEST_CASE_METHOD(Images, "a region that is attached twice counts once") {
  shm(process, 5, 3);
  REQUIRE(kernel.shmat(process, 5));
  CHECK(image_size(kernel.vm(), space(process)).pages == 4 + 3);
  REQUIRE(kernel.swap_out(process));
  CHECK(image_size(kernel.vm(), space(process)).missing == 4);
}

TEST_CASE_METHOD(Images, "an image that finds no extent leaves everything in memory") {
  Images it({.frames = 16, .swap = {3, 3}, .paging = PagingPolicy::Off});
  const auto frames = free_list(it.kernel.vm().pfdata);
  CHECK_FALSE(it.kernel.swap_out(it.process));
  CHECK(changes(it.before, it.kernel).empty());
  CHECK(free_list(it.kernel.vm().pfdata) == frames);
  CHECK(it.found().empty());
}

TEST_CASE("under hybrid only the pages in memory leave") {
  Images it({.frames = 16, .swap = {16}, .paging = PagingPolicy::Hybrid});
  it.store(it.process, page_at(kData, 1), 42);
  REQUIRE(it.kernel.swap_out(it.process));
  CHECK(it.page(1, 0) == "no frame, file 1");
  CHECK(it.page(1, 1) == "no frame, swap 1:1");
  REQUIRE(it.kernel.swap_in(it.process));
  CHECK(it.page(1, 1) == "no frame, swap 1:1");
  CHECK(it.load(it.process, page_at(kData, 1)) == 42);
  CHECK(it.found().empty());
}

TEST_CASE("a child that memory has no room for is made on swap, with its parent's bytes") {
  Images it({.frames = 6, .swap = {16}, .paging = PagingPolicy::Off});
  it.store(it.process, page_at(kData, 1), 42);
  const ProcSlot child = it.fork(it.process);
  CHECK(it.state(child) == ProcessState::ReadySwapped);
  CHECK(it.state(it.process) == ProcessState::Ready);
  CHECK(it.kernel.counters().swap.writes == 3);
  CHECK(it.kernel.counters().swap.transfers == 1);
  it.store(it.process, page_at(kData, 1), 43);
  REQUIRE(it.kernel.swap_out(it.process));
  REQUIRE(it.kernel.swap_in(child));
  CHECK(it.load(child, page_at(kData, 1)) == 42);
  CHECK(it.found().empty());
}

}  // namespace
}  // namespace bachsim
