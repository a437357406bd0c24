// A test of a user's own.
#include <catch2/catch.hpp>

#include "sim/kernel/kernel.h"

TEST_CASE("a page that is shared after a fork is copied by the first store alone") {
  using namespace bachsim;
  Config config;
  config.frames = 8;
  Kernel kernel(config);
  Program demo;
  demo.name = "demo";
  demo.data = 1;
  const ProcSlot parent = kernel.spawn(kernel.add_program(demo)).value();
  const VirtAddr cell = kernel.space(parent).pregions[0].anchor;
  REQUIRE(kernel.store(parent, cell, 7));
  const ProcSlot child = kernel.fork(parent).value();
  REQUIRE(kernel.store(child, cell, 8));
  REQUIRE(kernel.store(child, cell, 9));
  CHECK(kernel.counters().pfault.copied == 1);
  CHECK(kernel.load(parent, cell).value() == 7);
  CHECK(kernel.load(child, cell).value() == 9);
}
