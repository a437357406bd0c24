#include <fmt/format.h>

#include "sim/report/table.h"
#include "sim/report/views.h"

namespace bachsim {

void write_walk(Sink& sink, const Walk& walk) {
  const std::string label = walk.label ? text(*walk.label) + " = " : "";
  sink.write(fmt::format("WALK of {} at {}{}: {}, satp {:#x}, offset {:#x}\n", walk.process, label, text(walk.address),
                         mode_name(walk.satp.mode), walk.satp.raw(), walk.offset()));
  write_rows(sink, pick(kWalkColumns, {"level", "index", "at", "pte", "ppn", "flags"}),
             [&](const Visit<WalkRow>& visit) {
               for (const WalkRow& row : walk.rows) visit(row);
             });
  for (const Access access : {Access::Load, Access::Store, Access::Fetch}) {
    const WalkEnd& end = walk.ends.at(static_cast<unsigned>(access));
    if (end.physical)
      sink.write(fmt::format("{:<6}physical address {}\n", access_name(access), text(*end.physical)));
    else
      sink.write(fmt::format("{:<6}scause {} ({}), stval {:#x}\n", access_name(access), *end.scause,
                             cause_name(*end.scause), end.stval));
  }
}

}  // namespace bachsim
