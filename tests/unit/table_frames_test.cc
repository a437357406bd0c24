#include "regions/table_frames.h"

#include <catch2/catch.hpp>

#include "tests/unit/fixture.h"
#include "tests/unit/peers.h"

namespace bachsim {
namespace {

// Three table frames behind two others.
struct Tables {
  HostShare budget;
  PhysMem memory{2, 3};
  Ppn first = memory.first_table();
  TableFrames tables{memory, 3, budget};
};

TEST_CASE_METHOD(Tables, "table frames go out ascending, and the one freed last goes out first") {
  const Ppn one = tables.alloc();
  const Ppn two = tables.alloc();
  CHECK(one == first);
  CHECK(two == Ppn{first.value + 1});
  tables.free(one);
  tables.free(two);
  CHECK(tables.alloc() == two);
  CHECK(tables.alloc() == one);
  CHECK(tables.alloc() == Ppn{first.value + 2});
}

TEST_CASE_METHOD(Tables, "no more table frames are in use than the limit allows") {
  CHECK(tables.available() == 3);
  const Ppn one = tables.alloc();
  REQUIRE(tables.alloc() != one);
  REQUIRE(tables.alloc() != one);
  CHECK(tables.available() == 0);
  CHECK_THROWS_AS(tables.alloc(), KernelPanic);
  tables.free(one);
  CHECK(tables.available() == 1);
  CHECK(tables.used() == 2);
  CHECK(tables.peak() == 3);
}

TEST_CASE_METHOD(Tables, "only frames that were ever handed out are table frames") {
  CHECK_FALSE(tables.contains(first));
  const Ppn one = tables.alloc();
  CHECK(tables.contains(one));
  CHECK_FALSE(tables.contains(Ppn{first.value + 1}));
  CHECK_FALSE(tables.contains(Ppn{first.value - 1}));
  CHECK_THROWS_AS(tables.free(Ppn{first.value - 1}), KernelPanic);
}

TEST_CASE_METHOD(Tables, "every table has descriptors of its own, empty at first") {
  const Ppn one = tables.alloc();
  const Ppn two = tables.alloc();
  Dbd* const first_dbds = TableFramesTestPeer::dbds(tables, one);
  Dbd* const second_dbds = TableFramesTestPeer::dbds(tables, two);
  CHECK(second_dbds - first_dbds == kTableEntries);
  first_dbds[kTableEntries - 1] = Dbd::make(DbdKind::Zero);
  CHECK(second_dbds[0] == Dbd{});
}

TEST_CASE_METHOD(Tables, "the audit of table frames finds a free table that is not empty") {
  const Ppn one = tables.alloc();
  const Ppn two = tables.alloc();
  tables.free(one);
  tables.free(two);
  REQUIRE(audit_of(tables).empty());
  SECTION("an entry") {
    tables.link(one, 511, two);
    CHECK(audit_of(tables) == Findings{"8 page-table frame 0x80002: free, but entry 511 is in use"});
  }
  SECTION("a descriptor") {
    TableFramesTestPeer::dbds(tables, two)[3].set_age(1);
    CHECK(audit_of(tables) == Findings{"8 page-table frame 0x80003: free, but entry 3 is in use"});
  }
}

}  // namespace
}  // namespace bachsim
