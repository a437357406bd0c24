#include "sim/report/json_views.h"

#include <algorithm>
#include <map>
#include <utility>

namespace bachsim {
namespace {

// The process whose space it runs on, where that is not its own; else null.
void put_lender(JsonWriter& json, const State& state, const ProcessRow& process) {
  json.member("borrowed_from", process.borrows() ? Field(state.process(process.lender).name) : Field(kNothing));
}

void put_tree_entry(JsonWriter& json, const TreeRow& row) {
  json.object([&] {
    json.member("depth", std::int64_t{row.depth});
    json.member("first", std::int64_t{row.first});
    json.member("last", std::int64_t{row.last});
    json.member("kind", row.table ? "table" : "pages");
    json.member("ppn", Address{.value = row.ppn});
    json.member("address", Address{.value = row.address});
    json.member("flags", row.table ? Field(kNothing) : Field(row.flags));
  });
}

// A page as a figure has it: by its address, with the frame that its PTE names.
void put_page_of_figure(JsonWriter& json, const PageRow& page) {
  json.object([&] {
    json.member("address", field(page.address));
    json.member("region", std::int64_t{page.region});
    json.member("page", std::int64_t{page.page});
    json.member("pte_frame", field(page.pte_frame));
    json.member("valid", page.valid);
    json.member("writable", page.writable);
    json.member("cow", page.cow);
    json.member("referenced", page.referenced);
    json.member("modified", page.modified);
    json.member("age", std::int64_t{page.age});
    json.member("disk", page.disk);
  });
}

}  // namespace

std::vector<WorkingSetPage> working_set_of(const State& state, ProcSlot slot) {
  std::vector<WorkingSetPage> members;
  std::uint32_t stack = 0;  // its region
  state.pregions(slot, [&](const PregionRow& pregion) {
    if (!is_private(pregion.type)) return;
    if (pregion.type == RegionType::Stack) stack = pregion.region;
    state.pages(pregion.region, [&](const PageRow& page) {
      if (page.valid) members.push_back({unreferenced_for(page.referenced, page.age), pregion.type, page.page});
    });
  });
  std::ranges::stable_sort(members, {}, &WorkingSetPage::unreferenced);
  const auto& references = state.references(slot);
  if (references.empty()) return members;
  // Their order is known.
  std::map<std::pair<bool, std::uint32_t>, std::size_t> order;
  for (const PageId page : references.back().set)
    order.try_emplace({page.region.value == stack, page.page}, order.size());
  std::ranges::stable_sort(members, {}, [&order](const WorkingSetPage& member) {
    const auto known = order.find({member.type == RegionType::Stack, member.page});
    return known == order.end() ? order.size() : known->second;
  });
  return members;
}

std::vector<ProcSlot> Seen::processes() const {
  return only.empty() ? state.processes() : std::vector(only.begin(), only.end());
}

std::set<std::uint32_t> Seen::regions() const {
  std::set<std::uint32_t> regions;
  for (const ProcSlot slot : only) state.pregions(slot, [&](const PregionRow& row) { regions.insert(row.region); });
  return regions;
}

// Who is inside the kernel, in the order in which they came; all of them.
void put_inside(JsonWriter& json, const Seen& seen) {
  const State& state = seen.state;
  json.array([&] {
    state.inside([&](const InsideRow& row) {
      json.object([&] {
        json.members(kInsideColumns, row);
        json.key("locks");
        json.array([&] {
          for (const std::uint32_t region : row.locks) json.put(std::uint64_t{region});
        });
      });
    });
  });
}

void put_map_cost(JsonWriter& json, const Seen& seen) {
  json.array([&] {
    for (unsigned number = 1; number <= seen.state.devices(); ++number) {
      const DeviceRow device = seen.state.device(number);
      json.object([&] {
        json.member("device", std::int64_t{device.device});
        json.member("held", device.held);
        json.member("most", device.most);
        json.member("mallocs", device.mallocs);
        json.member("malloc_looked_at", device.looked_at);
        json.member("mfrees", device.mfrees);
        json.member("mfree_looked_at", device.mfree_looked_at);
      });
    }
  });
}

void put_tlb(JsonWriter& json, const Seen& seen) {
  json.object([&] {
    json.member("slots", std::uint64_t{seen.state.tlb_slots()});
    json.key("entries");
    json.array(
        [&] { seen.state.tlb([&](const TlbRow& row) { json.object([&] { json.members(kTlbColumns, row); }); }); });
  });
}

void put_tree(JsonWriter& json, const Seen& seen) {
  json.array([&] {
    for (const ProcSlot slot : seen.processes()) {
      const ProcessRow process = seen.state.process(slot);
      if (!process.satp) continue;
      json.object([&] {
        json.member("name", process.name);
        json.member("satp", *process.satp);
        json.member("root", Address{.value = process.satp->value & ((std::uint64_t{1} << 44) - 1)});
        put_lender(json, seen.state, process);
        json.key("entries");
        json.array([&] {
          if (!process.borrows()) seen.state.tree(slot, [&](const TreeRow& row) { put_tree_entry(json, row); });
        });
      });
    }
  });
}

// The sums at each tick statement, from which the rates of the text follow.
void put_sar(JsonWriter& json, const Seen& seen) {
  json.array([&] {
    for (const Sample& sample : seen.samples) {
      json.object([&] {
        json.member("ticks", sample.ticks);
        json.member("validity_faults", sample.validity_faults);
        json.member("protection_faults", sample.protection_faults);
        json.member("file_fills", sample.file_fills);
        json.member("reclaimed", sample.reclaimed);
        json.member("swap_ins", sample.swap_ins);
        json.member("pages_in", sample.pages_in);
        json.member("swap_outs", sample.swap_outs);
        json.member("pages_out", sample.pages_out);
        json.member("free_frames", sample.free_frames);
        json.member("free_blocks", sample.free_blocks);
      });
    }
  });
}

void put_swapper(JsonWriter& json, const Seen& seen) {
  const State& state = seen.state;
  const auto second_members = [&](const SwapperSecond& second) {
    json.key("stays");
    json.array([&] {
      for (const SwapperSecond::Stay& stay : second.stays) {
        json.object([&] {
          json.member("name", state.name_of_tag(stay.tag));
          json.member("in_memory", stay.in_memory);
          json.member("seconds", stay.seconds);
        });
      }
    });
    json.member("runs", second.runs ? Field(state.name_of_tag(*second.runs)) : Field(kNothing));
    json.key("swaps");
    json.array([&] {
      for (const SwapperSecond::Move& move : second.moves) {
        json.object([&] {
          json.member("name", state.name_of_tag(move.tag));
          json.member("to", move.in ? "memory" : "swap");
        });
      }
    });
  };
  json.array([&] {
    std::uint64_t time = 0;
    for (const SwapperSecond& second : state.seconds()) {
      json.object([&] {
        json.member("time", time++);
        second_members(second);
      });
    }
  });
}

void put_figure(JsonWriter& json, const Seen& seen) {
  const auto process_members = [&](ProcSlot slot, const ProcessRow& process) {
    json.member("name", process.name);
    json.member("program", process.program);
    put_lender(json, seen.state, process);
    json.key("pages");
    json.array([&] {
      if (!process.borrows()) seen.state.space(slot, [&](const PageRow& page) { put_page_of_figure(json, page); });
    });
  };
  json.object([&] {
    json.key("processes");
    json.array([&] {
      for (const ProcSlot slot : seen.processes()) {
        const ProcessRow process = seen.state.process(slot);
        if (process.state != ProcessState::Zombie) json.object([&] { process_members(slot, process); });
      }
    });
    json.key("frames");
    json.rows<FrameRow>(kFrameColumns, [&](const auto& visit) { seen.state.frames(visit); });
  });
}

void put_working_set(JsonWriter& json, const Seen& seen) {
  json.array([&] {
    for (const ProcSlot slot : seen.processes()) {
      json.object([&] {
        json.member("name", seen.state.process(slot).name);
        json.key("pages");
        json.array([&] {
          for (const WorkingSetPage& member : working_set_of(seen.state, slot)) {
            json.object([&] {
              json.member("type", name(member.type));
              json.member("page", std::int64_t{member.page});
              json.member("unreferenced", std::int64_t{member.unreferenced});
            });
          }
        });
      });
    }
  });
}

void put_walk(JsonWriter& json, const Walk& walk) {
  json.object([&] {
    json.member("name", walk.process);
    json.member("address", walk.address);
    json.member("label", walk.label ? Field(*walk.label) : Field(kNothing));
    json.member("mode", mode_name(walk.satp.mode));
    json.member("satp", Address{.value = walk.satp.raw()});
    json.member("offset", Address{.value = walk.offset()});
    json.key("entries");
    json.rows<WalkRow>(kWalkColumns, [&](const auto& visit) { std::ranges::for_each(walk.rows, visit); });
    json.key("ends");
    json.array([&] {
      for (const Access access : {Access::Load, Access::Store, Access::Fetch}) {
        const WalkEnd& end = walk.ends.at(static_cast<unsigned>(access));
        json.object([&] {
          json.member("access", name(access));
          json.member("physical", end.physical ? Field(*end.physical) : Field(kNothing));
          json.member("scause", field(end.scause));
          json.member("stval", end.scause ? Field(Address{.value = end.stval}) : Field(kNothing));
        });
      }
    });
  });
}

}  // namespace bachsim
