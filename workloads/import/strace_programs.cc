#include "workloads/import/strace_programs.h"

#include <fmt/format.h>

#include <algorithm>

#include "workloads/import/strace_calls.h"
#include "workloads/language/words.h"

namespace bachsim {

TracedPrograms::TracedPrograms(const StraceEvents& trace) {
  std::map<std::uint64_t, std::string> runs;  // [pid]: the file
  std::map<std::uint64_t, TracedProgram> images;
  const auto keep = [&](std::uint64_t pid) {
    const auto image = images.find(pid);
    if (image == images.end()) return;
    TracedProgram& program = programs_[runs[pid]];
    program.text = std::max(program.text, image->second.text);
    program.data = std::max(program.data, image->second.data);
  };
  for (const StraceEvent& event : trace.events) {
    if (event.kind != StraceEvent::Kind::Call) continue;
    if (is_exec(event)) {
      keep(event.pid);
      runs[event.pid] = file_of(event);
      images[event.pid] = {};
    } else if (const auto image = images.find(event.pid); event.name.starts_with("mmap") && image != images.end()) {
      const auto mapping = mapping_of(event);
      if (!mapping || !mapping->file) continue;
      const auto grown = [&](std::uint64_t pages) { return std::min(pages + mapping->pages(), kMostTracedSection); };
      if (mapping->executable) image->second.text = grown(image->second.text);
      if (mapping->writable && !mapping->shared) image->second.data = grown(image->second.data);
    }
  }
  for (const auto& [pid, file] : runs) keep(pid);
  for (const auto& [file, program] : programs_) text_pages_ += program.text;
}

const TracedProgram& TracedPrograms::of(const std::string& file) {
  const auto [at, is_new] = programs_.try_emplace(file);
  TracedProgram& program = at->second;
  if (is_new) text_pages_ += program.text;
  if (program.name.empty()) program.name = new_name(file);
  return program;
}

std::string TracedPrograms::new_name(const std::string& file) {
  std::string name;
  for (const char c : file.substr(file.rfind('/') + 1)) {
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    name += letter ? c : '_';
  }
  constexpr std::size_t kLongestName = 255;  // as for a file; the language takes longer ones
  name.resize(std::min(name.size(), kLongestName));
  if (name.empty()) name = "unknown";
  if (name.front() >= '0' && name.front() <= '9') name.insert(0, "_");
  Symbols words;
  if (is_word(words.intern(name)) || name == "touched" || name == "written") name += '_';
  std::string free = name;
  if (!names_.insert(free).second) {
    unsigned& times = namesakes_[name];
    do {
      free = fmt::format("{}_{}", name, ++times + 1);
    } while (!names_.insert(free).second);
  }
  return free;
}

std::string TracedPrograms::declarations() const {
  std::string text;
  for (const auto& [file, program] : programs_) {
    if (!program.name.empty())
      text += fmt::format("program {} text={} data={}\n", program.name, program.text, program.data);
  }
  return text;
}

}  // namespace bachsim
