#include "regions/pfdata.h"

#include <catch2/catch.hpp>
#include <list>
#include <map>
#include <random>
#include <vector>

#include "tests/unit/fixture.h"
#include "tests/unit/peers.h"

namespace bachsim {
namespace {

using List = std::vector<std::uint32_t>;

constexpr DiskBlock kBlock = DiskBlock::swap(1, 1);
constexpr DiskBlock kOther = DiskBlock::file(ProgramId{0}, 4);

struct Frames {
  explicit Frames(std::uint64_t frames, std::uint64_t reserved = 0) : pfdata(frames, reserved, budget) {}

  // Hands out so many frames and frees those listed, in their order.
  Frames(std::uint64_t frames, std::uint64_t taken, const List& freed) : Frames(frames) {
    for (std::uint64_t i = 0; i < taken; ++i) CHECK(pfdata.alloc());
    for (const std::uint32_t frame : freed) PfdataTestPeer::unref(pfdata, Frame{frame});
  }

  HostShare budget;
  PfdataTable pfdata;
};

TEST_CASE("at boot frames are handed out ascending, behind the reserved ones") {
  Frames frames(5, 2);
  CHECK(frames.pfdata.free() == 3);
  CHECK(free_list(frames.pfdata) == List{2, 3, 4});
  for (const std::uint32_t frame : {2u, 3u, 4u}) {
    const auto grant = frames.pfdata.alloc();
    CHECK(grant->frame == Frame{frame});
    CHECK(grant->zeroed);
    CHECK(frames.pfdata.refs(Frame{frame}) == 1);
  }
  CHECK_FALSE(frames.pfdata.alloc());
  CHECK(audit_of(frames.pfdata).empty());
}

TEST_CASE("a frame whose count falls to 0 goes to the tail of the free list") {
  Frames frames(5, 3, {1, 0});
  CHECK(free_list(frames.pfdata) == List{3, 4, 1, 0});
  CHECK(frames.pfdata.alloc()->frame == Frame{3});
  CHECK(frames.pfdata.alloc()->frame == Frame{4});
  const auto used_before = frames.pfdata.alloc();
  CHECK(used_before->frame == Frame{1});
  CHECK_FALSE(used_before->zeroed);
  CHECK(free_list(frames.pfdata) == List{0});
}

TEST_CASE("a frame taken by its number leaves the free list where it stands") {
  Frames frames(6, 2, {0});
  CHECK(free_list(frames.pfdata) == List{2, 3, 4, 5, 0});
  CHECK(frames.pfdata.take(Frame{4}).frame == Frame{4});
  CHECK(free_list(frames.pfdata) == List{2, 3, 5, 0});
  CHECK(frames.pfdata.refs(Frame{4}) == 1);
  CHECK(frames.pfdata.fresh() == Frame{5});
  CHECK(frames.pfdata.first_free() == Frame{2});
  CHECK(audit_of(frames.pfdata).empty());
  for (const std::uint32_t frame : {2u, 3u, 5u, 0u}) CHECK(frames.pfdata.alloc()->frame == Frame{frame});
  CHECK_FALSE(frames.pfdata.alloc());
  CHECK_FALSE(frames.pfdata.first_free());
  CHECK(audit_of(frames.pfdata).empty());
}

TEST_CASE("a frame taken by its number loses its identity") {
  Frames frames(4, 2, {1});
  frames.pfdata.set_identity(Frame{1}, kBlock);
  static_cast<void>(frames.pfdata.take(Frame{1}));
  CHECK(frames.pfdata.identity(Frame{1}).none());
  CHECK_FALSE(frames.pfdata.find(kBlock));
  CHECK(audit_of(frames.pfdata).empty());
}

TEST_CASE("free frames can be put at the head of the free list") {
  Frames frames(6, 2, {0});
  frames.pfdata.put_first(Frame{0});
  CHECK(free_list(frames.pfdata) == List{0, 2, 3, 4, 5});
  frames.pfdata.put_first(Frame{3});
  CHECK(free_list(frames.pfdata) == List{3, 0, 2, 4, 5});
  frames.pfdata.put_first(Frame{5});
  CHECK(free_list(frames.pfdata) == List{5, 3, 0, 2, 4});
  PfdataTestPeer::unref(frames.pfdata, Frame{1});
  CHECK(free_list(frames.pfdata) == List{5, 3, 0, 2, 4, 1});
  CHECK(audit_of(frames.pfdata).empty());
  for (const std::uint32_t frame : {5u, 3u, 0u, 2u, 4u, 1u}) CHECK(frames.pfdata.alloc()->frame == Frame{frame});
  CHECK_FALSE(frames.pfdata.alloc());
}

TEST_CASE("frames that were never handed out keep their place behind those put before them") {
  Frames frames(8, 1);
  frames.pfdata.put_first(Frame{2});
  CHECK(free_list(frames.pfdata) == List{2, 1, 3, 4, 5, 6, 7});
  CHECK(frames.pfdata.alloc()->frame == Frame{2});
  CHECK(frames.pfdata.alloc()->frame == Frame{1});
  CHECK(frames.pfdata.alloc()->zeroed);  // frame 3: the fresh ones are the head again
  PfdataTestPeer::unref(frames.pfdata, Frame{1});
  CHECK(free_list(frames.pfdata) == List{4, 5, 6, 7, 1});
  CHECK(audit_of(frames.pfdata).empty());
}

TEST_CASE("the audit finds frames that were never handed out behind one that is not free") {
  Frames frames(8, 1);
  frames.pfdata.put_first(Frame{2});
  REQUIRE(frames.pfdata.alloc()->frame == Frame{2});
  REQUIRE(frames.pfdata.alloc()->frame == Frame{1});
  PfdataTestPeer::fresh_after(frames.pfdata) = 2 + 1;
  CHECK(audit_of(frames.pfdata) == Findings{"4 the fresh frames stand behind frame 2, which is not on the free list"});
}

TEST_CASE("a free frame that was never handed out can have an identity") {
  Frames frames(8, 1);
  frames.pfdata.reach(Frame{3});
  frames.pfdata.set_identity(Frame{3}, kBlock);
  CHECK(free_list(frames.pfdata) == List{1, 2, 3, 4, 5, 6, 7});
  CHECK(audit_of(frames.pfdata).empty());
  PfdataTestPeer::rescue(frames.pfdata, Frame{3});
  CHECK(free_list(frames.pfdata) == List{1, 2, 4, 5, 6, 7});
  CHECK(audit_of(frames.pfdata).empty());
}

TEST_CASE("a frame stays in use until its last reference is gone") {
  Frames frames(2, 1, {});
  PfdataTestPeer::ref(frames.pfdata, Frame{0});
  CHECK(frames.pfdata.refs(Frame{0}) == 2);
  CHECK(frames.pfdata.shared() == 1);
  PfdataTestPeer::unref(frames.pfdata, Frame{0});
  CHECK(free_list(frames.pfdata) == List{1});
  CHECK(frames.pfdata.shared() == 0);
  PfdataTestPeer::unref(frames.pfdata, Frame{0});
  CHECK(free_list(frames.pfdata) == List{1, 0});
}

TEST_CASE("frame counters and gauges follow allocation, rescue and release") {
  Frames frames(4, 3, {0, 1, 2});
  frames.pfdata.set_identity(Frame{1}, kBlock);
  PfdataTestPeer::rescue(frames.pfdata, Frame{1});
  // A rescue is no allocation.
  CHECK(frames.pfdata.counters() == FrameCounters{.allocated = 3, .freed = 3});
  CHECK(frames.pfdata.used() == 1);
  CHECK(frames.pfdata.free() == 3);
  CHECK(frames.pfdata.peak() == 3);
}

TEST_CASE("a free frame is found by its identity and rescued from any place of the free list") {
  const struct {
    std::uint32_t rescued;
    List left;
  } cases[] = {{0, {1, 2}}, {1, {0, 2}}, {2, {0, 1}}};
  for (const auto& [rescued, left] : cases) {
    CAPTURE(rescued);
    Frames frames(3, 3, {0, 1, 2});
    frames.pfdata.set_identity(Frame{rescued}, kBlock);
    REQUIRE(frames.pfdata.find(kBlock) == Frame{rescued});
    PfdataTestPeer::rescue(frames.pfdata, Frame{rescued});
    CHECK(frames.pfdata.refs(Frame{rescued}) == 1);
    CHECK(frames.pfdata.identity(Frame{rescued}) == kBlock);
    CHECK(free_list(frames.pfdata) == left);
    CHECK(audit_of(frames.pfdata).empty());
  }
}

TEST_CASE("a frame in use that is rescued is shared") {
  Frames frames(2, 1, {});
  frames.pfdata.set_identity(Frame{0}, kBlock);
  PfdataTestPeer::rescue(frames.pfdata, Frame{0});
  CHECK(frames.pfdata.refs(Frame{0}) == 2);
  CHECK(frames.pfdata.used() == 1);
}

TEST_CASE("rescuing counts towards the peak") {
  Frames frames(2, 1, {});
  frames.pfdata.set_identity(Frame{0}, kBlock);
  PfdataTestPeer::unref(frames.pfdata, Frame{0});
  REQUIRE(frames.pfdata.alloc()->frame == Frame{1});
  REQUIRE(frames.pfdata.peak() == 1);
  PfdataTestPeer::rescue(frames.pfdata, Frame{0});
  CHECK(frames.pfdata.peak() == 2);
}

TEST_CASE("a frame loses its identity when it is handed out") {
  Frames frames(1, 1, {});
  frames.pfdata.set_identity(Frame{0}, kBlock);
  PfdataTestPeer::unref(frames.pfdata, Frame{0});
  CHECK(frames.pfdata.find(kBlock) == Frame{0});
  REQUIRE(frames.pfdata.alloc());
  CHECK(frames.pfdata.find(kBlock) == std::nullopt);
  CHECK(frames.pfdata.identity(Frame{0}).none());
}

TEST_CASE("a frame that loses its identity while free stays where it is") {
  Frames frames(3, 3, {2, 0, 1});
  frames.pfdata.set_identity(Frame{0}, kBlock);
  frames.pfdata.drop_identity(Frame{0});
  CHECK(frames.pfdata.find(kBlock) == std::nullopt);
  CHECK(free_list(frames.pfdata) == List{2, 0, 1});
  frames.pfdata.drop_identity(Frame{0});  // has none any more: no harm
  CHECK(audit_of(frames.pfdata).empty());
}

TEST_CASE("frames on one hash queue are told apart") {
  for (const std::uint32_t dropped : {0u, 1u, 2u}) {
    CAPTURE(dropped);
    // Three frames have two queues: at least two of three blocks meet.
    Frames frames(3, 3, {});
    for (const std::uint32_t frame : {0u, 1u, 2u})
      frames.pfdata.set_identity(Frame{frame}, DiskBlock::swap(1, frame + 1));
    frames.pfdata.drop_identity(Frame{dropped});
    for (const std::uint32_t frame : {0u, 1u, 2u}) {
      const auto found = frames.pfdata.find(DiskBlock::swap(1, frame + 1));
      CHECK(found == (frame == dropped ? std::nullopt : std::optional(Frame{frame})));
    }
  }
}

TEST_CASE("the frame table panics at a misuse of counts and identities") {
  Frames frames(2, 2, {1});
  frames.pfdata.set_identity(Frame{0}, kBlock);
  CHECK_THROWS_AS(PfdataTestPeer::unref(frames.pfdata, Frame{1}), KernelPanic);
  CHECK_THROWS_AS(PfdataTestPeer::rescue(frames.pfdata, Frame{1}), KernelPanic);
  CHECK_THROWS_AS(frames.pfdata.set_identity(Frame{0}, kOther), KernelPanic);
  CHECK_THROWS_AS(frames.pfdata.set_identity(Frame{1}, DiskBlock{}), KernelPanic);
  CHECK_THROWS_AS(PfdataTable(4, 4, frames.budget), KernelPanic);
}

// The same table as a list, a vector and a map.
struct PlainFrames {
  explicit PlainFrames(std::uint32_t frames) : refs(frames), identities(frames) {
    for (std::uint32_t f = 0; f < frames; ++f) free.push_back(f);
  }

  std::optional<Frame> find(DiskBlock block) const {
    for (std::uint32_t f = 0; f < identities.size(); ++f) {
      if (identities[f] == block) return Frame{f};
    }
    return std::nullopt;
  }

  std::list<std::uint32_t> free;
  std::vector<std::uint32_t> refs;
  std::vector<DiskBlock> identities;
};

void require_same(const PfdataTable& pfdata, const PlainFrames& plain) {
  REQUIRE(free_list(pfdata) == List(plain.free.begin(), plain.free.end()));
  REQUIRE(pfdata.free() == plain.free.size());
  for (std::uint32_t f = 0; f < plain.refs.size(); ++f) {
    REQUIRE(pfdata.refs(Frame{f}) == plain.refs[f]);
    REQUIRE(pfdata.identity(Frame{f}) == plain.identities[f]);
  }
  REQUIRE(audit_of(pfdata).empty());
}

void compare_with_plain_list(std::uint32_t size) {
  std::mt19937_64 rng(size);
  Frames frames(size);
  PfdataTable& pfdata = frames.pfdata;
  PlainFrames plain(size);
  for (int step = 0; step < 5000; ++step) {
    CAPTURE(size, step);
    const Frame frame{static_cast<std::uint32_t>(rng() % size)};
    const DiskBlock block = DiskBlock::swap(1, rng() % (std::uint64_t{2} * size) + 1);
    std::uint32_t& refs = plain.refs[frame.value];
    switch (rng() % 8) {
      case 0: {
        const auto grant = pfdata.alloc();
        REQUIRE(grant.has_value() == !plain.free.empty());
        if (grant) {
          REQUIRE(grant->frame == Frame{plain.free.front()});
          plain.free.pop_front();
          plain.refs[grant->frame.value] = 1;
          plain.identities[grant->frame.value] = {};
        }
        break;
      }
      case 1:
        if (refs > 0) {
          PfdataTestPeer::ref(pfdata, frame);
          ++refs;
        }
        break;
      case 2:
      case 3:
        if (refs > 0) {
          PfdataTestPeer::unref(pfdata, frame);
          if (--refs == 0) plain.free.push_back(frame.value);
        }
        break;
      case 4:
        if (const auto holder = pfdata.find(block)) {
          REQUIRE(plain.find(block) == holder);
          PfdataTestPeer::rescue(pfdata, *holder);
          if (plain.refs[holder->value]++ == 0) plain.free.remove(holder->value);
        } else if (refs > 0 && plain.identities[frame.value].none()) {
          REQUIRE_FALSE(plain.find(block));
          pfdata.set_identity(frame, block);
          plain.identities[frame.value] = block;
        }
        break;
      case 5:
        if (rng() % 3 == 0) {
          pfdata.drop_identity(frame);
          plain.identities[frame.value] = {};
        }
        break;
      case 6:
        if (refs == 0) {
          REQUIRE(pfdata.take(frame).frame == frame);
          plain.free.remove(frame.value);
          refs = 1;
          plain.identities[frame.value] = {};
        }
        break;
      default:
        if (refs == 0) {
          pfdata.put_first(frame);
          plain.free.remove(frame.value);
          plain.free.push_front(frame.value);
        }
        break;
    }
    require_same(pfdata, plain);
  }
}

TEST_CASE("the frame table does what a plain list does") {
  for (const std::uint32_t size : {1u, 5u, 23u}) compare_with_plain_list(size);
}

TEST_CASE("the audit of the frame table finds a free list that lies") {
  Frames frames(4, 3, {0, 1});
  PfdataTable& pfdata = frames.pfdata;
  SECTION("a frame in use is on it") {
    PfdataTestPeer::refs(pfdata, Frame{0}) = 2;
    CHECK(audit_of(pfdata) ==
          Findings{"4 frame 0: count 2, on the free list", "1 1 frames have a count above 1, counted 0"});
  }
  SECTION("a frame out of use is not on it") {
    PfdataTestPeer::refs(pfdata, Frame{2}) = 0;
    CHECK(audit_of(pfdata) == Findings{"4 frame 2: count 0, not on the free list"});
  }
  SECTION("it runs in a circle") {
    PfdataTestPeer::next(pfdata, Frame{1}) = 0 + 1;
    CHECK(audit_of(pfdata) == Findings{"4 frame 0: twice on the free list"});
  }
  SECTION("it reaches a frame that was never handed out") {
    PfdataTestPeer::next(pfdata, Frame{1}) = 3 + 1;
    CHECK(audit_of(pfdata) == Findings{"4 frame 3: on the free list, which it must never enter"});
  }
  SECTION("its length is not what was counted") {
    PfdataTestPeer::used(pfdata) = 2;
    CHECK(audit_of(pfdata) == Findings{"4 free list: 3 frames, counted 2"});
  }
}

TEST_CASE("the audit of the frame table finds a reserved frame on the free list") {
  Frames frames(4, 1);
  REQUIRE(frames.pfdata.alloc());
  PfdataTestPeer::head(frames.pfdata) = 0 + 1;
  CHECK(audit_of(frames.pfdata) == Findings{"4 frame 0: on the free list, which it must never enter"});
}

TEST_CASE("the audit of the frame table finds hash queues that lie") {
  Frames frames(4, 4, {});
  PfdataTable& pfdata = frames.pfdata;
  pfdata.set_identity(Frame{1}, kBlock);
  SECTION("a frame with an identity is on none") {
    PfdataTestPeer::queue(pfdata, kBlock) = 0;
    CHECK(audit_of(pfdata) == Findings{"5 hash queues hold 0 frames, 1 frames have an identity"});
  }
  SECTION("a frame without an identity is on one") {
    PfdataTestPeer::identity(pfdata, Frame{1}) = {};
    CHECK(audit_of(pfdata) == Findings{"5 0 frames have an identity, counted 1"});
  }
  SECTION("a frame without an identity is on that of another") {
    PfdataTestPeer::hash_next(pfdata, Frame{1}) = 3 + 1;
    CHECK(audit_of(pfdata).front().ends_with("without an identity"));
    CHECK(audit_of(pfdata).back() == "5 hash queues hold 2 frames, 1 frames have an identity");
  }
  SECTION("two frames have the same identity") {
    PfdataTestPeer::identity(pfdata, Frame{3}) = kBlock;
    PfdataTestPeer::hash_next(pfdata, Frame{1}) = 3 + 1;
    CHECK(audit_of(pfdata) == Findings{"5 frame 3: another frame has its identity, or its queue is wrong",
                                       "5 2 frames have an identity, counted 1"});
  }
  SECTION("a queue runs in a circle") {
    PfdataTestPeer::hash_next(pfdata, Frame{1}) = 1 + 1;
    CHECK(audit_of(pfdata).back().ends_with("runs in a circle"));
  }
}

}  // namespace
}  // namespace bachsim
