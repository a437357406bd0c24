#include <catch2/catch.hpp>

#include "regions/layout.h"
#include "tests/unit/one_process.h"

namespace bachsim {
namespace {

TEST_CASE_METHOD(One, "sbrk grows the data region with zero pages, and shrinks it") {
  brk(process, 2);
  store(process, page_at(kData, 3), 1);
  store(process, page_at(kData, 2), 2);
  brk(process, -1);
  CHECK(death(process, page_at(kData, 3), Access::Load) == Stop::Sigsegv);
  CHECK(kernel.counters().syscall.brk == 2);
  CHECK(kernel.counters().syscall.failed == 0);
}

TEST_CASE_METHOD(One, "what sbrk gave back is zero when it comes again") {
  store(process, page_at(kData, 1), 1);
  brk(process, -2);
  CHECK(kernel.gauges().frames_used == 0);
  brk(process, 2);
  CHECK(load(process, page_at(kData, 1)) == 0);
  CHECK(load(process, kData) == 0);
  CHECK(found().empty());
}

TEST_CASE_METHOD(One, "the break counts bytes, and data has the pages that it needs") {
  const auto pages = [this] { return kernel.vm().regions[region(process, 1)].pages; };
  const auto at = [this] { return kernel.space(process).brk; };
  CHECK(at() == 2 * kPageSize);
  REQUIRE(kernel.brk(process, 1));
  CHECK(pages() == 3);
  REQUIRE(kernel.brk(process, kPage - 1));
  CHECK(pages() == 3);
  REQUIRE(kernel.brk(process, 1));
  CHECK(pages() == 4);
  REQUIRE(kernel.brk(process, -1));
  CHECK(pages() == 3);
  CHECK_FALSE(kernel.brk(process, -3 * kPage - 1));
  CHECK(at() == 3 * kPageSize);
  REQUIRE(kernel.brk(process, -3 * kPage));
  CHECK(pages() == 0);
  CHECK(found().empty());
}

TEST_CASE_METHOD(One, "a fork's child has its parent's break, and a vfork's child borrows it") {
  const auto at = [this](ProcSlot slot) { return kernel.space(slot).brk; };
  REQUIRE(kernel.brk(process, 5));
  const ProcSlot child = fork(process);
  CHECK(at(child) == 2 * kPageSize + 5);
  REQUIRE(kernel.brk(child, 1));
  CHECK(at(process) == 2 * kPageSize + 5);
  const ProcSlot borrower = vfork(process);
  REQUIRE(kernel.brk(borrower, -5));
  CHECK(at(process) == 2 * kPageSize);
  exec(borrower, prog);
  REQUIRE(kernel.brk(borrower, 1));
  CHECK(at(process) == 2 * kPageSize);
}

TEST_CASE_METHOD(One, "data ends at 128 GiB") {
  CHECK(kernel.brk(process, ((1 << 25) - 1024 - 2 + 1) * kPage).error().code == Errno::ENOMEM_);
  const ProcSlot full = spawn(program(1, 0, 0, 1));
  CHECK(kernel.brk(full, ((1 << 25) - 1024 + 1) * kPage).error().code == Errno::ENOMEM_);
}

TEST_CASE("the last break is that at 128 GiB, for which there are addresses, if no tables") {
  One it({.frames = 16, .tables = 64});
  const ProcSlot full = it.spawn(it.program(1, 0, 0, 1));
  const std::int64_t most = ((1 << 25) - 1024) * kPage;
  CHECK(it.kernel.brk(full, most).error().why == "no page-table frames");
  CHECK(it.kernel.brk(full, most + 1).error().why == "no address space");
}

TEST_CASE_METHOD(One, "shared memory lives until it is removed and detached") {
  shm(process, 5, 2);
  const RegionId segment = region(process, 3);
  const ProcSlot other = spawn(prog);
  REQUIRE(kernel.shmat(other, 5));
  store(process, kShmStart, 9);
  CHECK(load(other, kShmStart) == 9);
  REQUIRE(kernel.shmdt(process, 5));
  REQUIRE(kernel.shmdt(other, 5));
  CHECK(kernel.vm().regions[segment].refs() == 1);
  CHECK(kernel.gauges().frames_used == 1);
  REQUIRE(kernel.shmat(other, 5));
  CHECK(load(other, kShmStart) == 9);
  REQUIRE(kernel.shmctl_remove(process, 5));
  CHECK(kernel.shm_region(5) == RegionId{});
  CHECK(load(other, kShmStart) == 9);
  kernel.exit(other, 0);
  CHECK_FALSE(kernel.vm().regions[segment].active);
  CHECK(kernel.gauges().frames_used == 0);
  CHECK(found().empty());
}

TEST_CASE_METHOD(One, "shmget of a key that exists finds it, and makes it anew after its removal") {
  shm(process, 5, 3);
  const RegionId segment = kernel.shm_region(5);
  REQUIRE(kernel.shmget(process, 5, 2));
  CHECK(kernel.shm_region(5) == segment);
  REQUIRE(kernel.shmctl_remove(process, 5));
  REQUIRE(kernel.shmget(process, 5, 9));
  CHECK(kernel.shm_region(5) != segment);
  CHECK(kernel.vm().regions[segment].refs() == 1);
  CHECK(found().empty());
}

TEST_CASE_METHOD(One, "shared memory is attached in the first gap that is long enough") {
  const auto place = [this](std::size_t index) {
    return (pregion(process, index).anchor.value - kShmStart.value) / kLeafSpan;
  };
  shm(process, 1, 1);
  shm(process, 2, 513);
  shm(process, 3, 512);
  CHECK(place(3) == 0);
  CHECK(place(4) == 1);
  CHECK(place(5) == 3);
  REQUIRE(kernel.shmdt(process, 2));
  shm(process, 4, 1025);
  CHECK(place(5) == 4);
  shm(process, 5, 1);
  CHECK(place(6) == 1);
  REQUIRE(kernel.shmat(process, 5));  // a second time
  CHECK(place(7) == 2);
  CHECK(found().empty());
}

TEST_CASE_METHOD(One, "a plock is on the pregion: neither fork nor exec hands it on") {
  const auto locks = [this](std::uint32_t id) { return kernel.vm().regions[RegionId{id}].locks; };
  kernel.plock(process, RegionType::Text, true);
  kernel.plock(process, RegionType::Data, true);
  kernel.plock(process, RegionType::Data, true);
  CHECK(locks(1) == 1);
  CHECK(locks(2) == 1);
  const ProcSlot child = fork(process);
  CHECK(locks(1) == 1);
  CHECK(locks(4) == 0);
  kernel.plock(child, RegionType::Text, true);
  CHECK(locks(1) == 2);
  kernel.exit(child, 0);
  CHECK(locks(1) == 1);
  kernel.plock(process, RegionType::Text, false);
  CHECK(locks(1) == 0);
  exec(process, prog);
  CHECK(locks(2) == 0);
  CHECK(kernel.counters().syscall.plock == 5);
}

TEST_CASE("without paging a refused sbrk touches neither the tables' peak nor the TLB") {
  One it({.frames = 8, .swap = {8}, .paging = PagingPolicy::Off});
  it.store(it.process, kData, 7);
  it.before = numbers(it.kernel);
  CHECK(it.kernel.brk(it.process, 600 * kPage).error().code == Errno::ENOMEM_);
  CHECK(changes(it.before, it.kernel) == Numbers{{"syscall.brk", 1}, {"syscall.failed", 1}, {"trap.ecall", 1}});
  CHECK(it.kernel.hit(it.process, kData, Access::Store) != nullptr);
}

TEST_CASE_METHOD(One, "the plock of a vfork child is its parent's") {
  const ProcSlot child = vfork(process);
  kernel.plock(child, RegionType::Data, true);
  exec(child, prog);
  CHECK(kernel.vm().regions[RegionId{2}].locks == 1);
  CHECK(pregion(process, 1).locked);
}

}  // namespace
}  // namespace bachsim
