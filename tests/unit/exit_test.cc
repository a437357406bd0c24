#include <catch2/catch.hpp>
#include <vector>

#include "tests/unit/one_process.h"

namespace bachsim {
namespace {

TEST_CASE_METHOD(One, "exit gives everything back, and the parent hears of it") {
  const ProcSlot child = fork(process);
  store(child, kStack, 1);
  kernel.exit(child, 44);
  CHECK(state(child) == ProcessState::Zombie);
  CHECK(kernel.process(child).status == 44);
  CHECK(kernel.gauges().processes == 1);
  CHECK(kernel.gauges().frames_used == 0);
  CHECK_FALSE(kernel.any_reaped());
  wait(process);
  const auto reaped = kernel.take_reaped();
  REQUIRE(reaped.size() == 1);
  CHECK(reaped[0].status == 44);
  CHECK_FALSE(kernel.any_reaped());
  CHECK(kernel.processes() == std::vector<ProcSlot>{process});
}

TEST_CASE_METHOD(One, "init reaps its own children at once") {
  kernel.exit(process, 3);
  CHECK(kernel.take_reaped().size() == 1);
  CHECK(kernel.processes().empty());
  CHECK(kernel.gauges().tables_used == 0);
  CHECK(kernel.counters().process == ProcessCounters{.created = 1, .exited = 1});
}

TEST_CASE_METHOD(One, "wait reaps the zombie with the lowest pid first") {
  std::vector<ProcSlot> children;
  for (const std::uint64_t tag : {30u, 40u, 50u}) children.push_back(kernel.fork(process, tag).value());
  for (const std::size_t i : {2u, 0u, 1u}) kernel.exit(children[i], 0);
  for (const std::uint64_t tag : {30u, 40u, 50u}) {
    wait(process);
    CHECK(kernel.take_reaped().at(0).tag == tag);
  }
  CHECK(kernel.wait(process).error().code == Errno::ECHILD_);
}

TEST_CASE_METHOD(One, "a process that waits sleeps until its first child ends") {
  const ProcSlot first = kernel.fork(process, 10).value();
  const ProcSlot second = kernel.fork(process, 20).value();
  wait(process);
  CHECK(state(process) == ProcessState::Asleep);
  kernel.exit(second, 0);
  CHECK(state(process) == ProcessState::Ready);
  CHECK(kernel.take_reaped().at(0).tag == 20);
  kernel.exit(first, 0);
  CHECK(state(first) == ProcessState::Zombie);
}

TEST_CASE_METHOD(One, "the children of a process that ends go to init, which reaps the zombies") {
  const ProcSlot child = fork(process);
  const ProcSlot grandchild = fork(child);
  const ProcSlot zombie = fork(child);
  kernel.exit(zombie, 0);
  kernel.exit(child, 0);
  CHECK(kernel.process(grandchild).parent == kInit);
  CHECK(kernel.take_reaped().size() == 1);
  CHECK(kernel.processes() == std::vector<ProcSlot>{process, child, grandchild});
  kernel.exit(grandchild, 0);
  CHECK(kernel.take_reaped().size() == 1);
  wait(process);
  CHECK(kernel.processes() == std::vector<ProcSlot>{process});
}

TEST_CASE("zombies and init count as processes until they are reaped") {
  One it({.nproc = 3});
  it.kernel.exit(it.fork(it.process), 0);
  CHECK(it.kernel.fork(it.process, 0).error().code == Errno::EAGAIN_);
  it.wait(it.process);
  CHECK(it.pid(it.fork(it.process)) == 4);
}

TEST_CASE_METHOD(One, "processes are listed by pid whatever place of the table they have") {
  const ProcSlot second = spawn(prog);
  const ProcSlot third = spawn(prog);
  kernel.exit(process, 0);
  const ProcSlot fourth = spawn(prog);
  CHECK(fourth == process);
  CHECK(kernel.processes() == std::vector<ProcSlot>{second, third, fourth});
  CHECK(found().empty());
}

TEST_CASE_METHOD(One, "a process in the place of one that ended has a space of its own on the hart") {
  store(process, page_at(kData, 1), 1);
  kernel.exit(process, 0);
  const ProcSlot next = spawn(prog);
  REQUIRE(next == process);
  CHECK(load(next, page_at(kData, 1)) == 0);
  CHECK(kernel.vm().hart.satp().root == kernel.space(next).root);
  CHECK(kernel.vm().hart.satp().asid == 2);
  CHECK(found().empty());
}

TEST_CASE_METHOD(One, "a zombie keeps no long list of what it had attached") {
  const ProcSlot child = fork(process);
  for (std::uint64_t key = 1; key <= 10; ++key) shm(child, key, 1);
  const AddressSpace& space = kernel.process(child).space;
  REQUIRE((space.pregions.capacity() > 8 && space.shm.capacity() > 8));
  kernel.exit(child, 0);
  REQUIRE(state(child) == ProcessState::Zombie);
  CHECK(space.pregions.capacity() <= 4);
  CHECK(space.shm.capacity() <= 4);
}

}  // namespace
}  // namespace bachsim
