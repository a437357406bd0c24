#include "regions/dbd.h"

#include <catch2/catch.hpp>

#include "tests/unit/fixture.h"

namespace bachsim {
namespace {

TEST_CASE("a descriptor of zeros is none") {
  CHECK(show(Dbd{}) == "none");
  CHECK(Dbd{} == Dbd::make(DbdKind::None));
}

TEST_CASE("a descriptor knows its kind and its block") {
  const struct {
    Dbd dbd;
    std::string_view text;
  } cases[] = {
      {Dbd::make(DbdKind::Zero), "zero"},
      {Dbd::make(DbdKind::Fill, 4), "fill 4"},
      {Dbd::make(DbdKind::File, DiskBlock::kMaxLogical), "file 268435455"},
      {Dbd::swap(DiskBlock::swap(1, 1)), "swap 1:1"},
      {Dbd::swap(DiskBlock::swap(DiskBlock::kMaxDevice, DiskBlock::kMaxBlock)), "swap 255:68719476735"},
  };
  for (const auto& [dbd, text] : cases) {
    CAPTURE(text);
    CHECK(show(dbd) == text);
    CHECK(dbd.on_swap() == (text.starts_with("swap")));
  }
}

TEST_CASE("file and swap have an identity, the other kinds none") {
  const struct {
    Dbd dbd;
    DiskBlock identity;
  } cases[] = {
      {Dbd{}, {}},
      {Dbd::make(DbdKind::Zero), {}},
      {Dbd::make(DbdKind::Fill, 3), {}},
      {Dbd::make(DbdKind::File, 3), DiskBlock::file(ProgramId{6}, 3)},
      {Dbd::swap(DiskBlock::swap(2, 9)), DiskBlock::swap(2, 9)},
  };
  for (const auto& [dbd, identity] : cases) {
    CAPTURE(show(dbd));
    CHECK(dbd.identity(ProgramId{6}) == identity);
  }
}

TEST_CASE("age and place of a descriptor do not touch each other") {
  const DiskBlock last = DiskBlock::swap(DiskBlock::kMaxDevice, DiskBlock::kMaxBlock);
  Dbd dbd = Dbd::swap(last);
  dbd.set_age(Dbd::kMaxAge);
  dbd.set_on_out_list(true);
  CHECK(show(dbd) == "swap 255:68719476735 age 65535 out");
  dbd.set_disk(Dbd::make(DbdKind::None));
  CHECK(show(dbd) == "none age 65535 out");
  dbd.set_age(2);
  dbd.set_disk(Dbd::swap(last));
  CHECK(show(dbd) == "swap 255:68719476735 age 2 out");
  dbd.set_on_out_list(false);
  CHECK(show(dbd) == "swap 255:68719476735 age 2");
  dbd.set_age(0);
  CHECK(dbd == Dbd::swap(last));
}

}  // namespace
}  // namespace bachsim
