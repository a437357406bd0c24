#include <catch2/catch.hpp>

#include "tests/unit/one_process.h"

namespace bachsim {
namespace {

TEST_CASE_METHOD(One, "exec releases the old space and describes the new one") {
  store(process, kData, 1);
  store(process, kStack, 2);
  const ProgramId other = program(0, 2, 0, 2);
  exec(process, other);
  CHECK(kernel.process(process).program == other);
  CHECK(regions(process) == List{1, 2, 3});
  CHECK(kernel.vm().regions[RegionId{2}].pages == 2);
  CHECK(kernel.gauges().frames_used == 0);
  CHECK(pid(process) == 2);
  CHECK(found().empty());
}

TEST_CASE_METHOD(One, "a process that execs its own program keeps the text") {
  REQUIRE(kernel.access(process, kText, Access::Fetch));
  store(process, page_at(kData, 1), 1);
  exec(process, prog);
  CHECK(regions(process) == List{1, 2, 3});
  CHECK(show(kernel.vm(), RegionId{1}, 0) == "frame 0 RXUA, file 0");
  CHECK(load(process, page_at(kData, 1)) == 0);
  CHECK(found().empty());
}

TEST_CASE_METHOD(One, "sticky text outlives its last user, other text does not") {
  const ProgramId sticky = program(1, 0, 0, 0, true);
  const ProcSlot first = spawn(sticky);
  REQUIRE(kernel.access(first, kText, Access::Fetch));
  kernel.exit(first, 0);
  kernel.exit(process, 0);
  CHECK(kernel.gauges().regions == 1);
  CHECK(kernel.gauges().frames_used == 1);
  const ProcSlot second = spawn(sticky);
  const std::uint64_t faults = kernel.counters().vfault.total();
  REQUIRE(kernel.access(second, kText, Access::Fetch));
  CHECK(kernel.counters().vfault.total() == faults);
  CHECK(found().empty());
}

}  // namespace
}  // namespace bachsim
