#include <fmt/format.h>

#include <algorithm>

#include "sim/cli/host.h"
#include "sim/cli/part_file.h"
#include "sim/cli/sweep.h"

namespace bachsim {

int merge_parts(const std::vector<std::string>& files, const SweepChoices& choices) {
  struct Part {
    std::string path;
    std::uint64_t first;
    std::uint64_t end;
  };
  std::vector<Part> parts;
  Plan plan;  // of all of them
  for (const std::string& file : files) {
    for (const std::string& path : {choices.output, choices.plot_file})
      if (same_file(path, file)) return complain(fmt::format("{}: a part is read from it", path));
    auto head = read_head(file);
    if (!head) return complain(head.error());
    if (parts.empty()) plan = head->plan;
    if (head->plan != plan)
      return complain(fmt::format("{}: it is of another sweep than {}", file, parts.front().path));
    parts.push_back({file, head->first, head->end});
  }
  std::ranges::stable_sort(parts, {}, [](const Part& part) { return std::pair(part.first, part.end); });
  std::uint64_t next = 0;
  for (const Part& part : parts) {
    if (part.first > next) return complain(fmt::format("no part has the runs {} to {}", next, part.first - 1));
    if (part.first < next && part.end > part.first)
      return complain(fmt::format("{}: another part has run {}, too", part.path, part.first));
    next = std::max(next, part.end);
  }
  if (next != plan.runs()) return complain(fmt::format("no part has the runs {} to {}", next, plan.runs() - 1));
  if (const std::string trouble = why_not_in(choices.form(), plan); !trouble.empty()) return complain(trouble);
  auto destination = SweepDestination::open(choices, plan);
  if (!destination) return complain(destination.error());
  PartHead head{.plan = plan};
  for (const Part& part : parts) {
    head.first = part.first;
    head.end = part.end;
    const std::string trouble = read_part(
        part.path, head, [&](std::uint64_t run, const Outcome& outcome) { (*destination)->add(run, outcome); });
    if (!trouble.empty()) return complain(trouble);
  }
  return (*destination)->finish(plan.script);
}

}  // namespace bachsim
