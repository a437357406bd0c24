#include "workloads/import/strace_script.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <map>
#include <optional>
#include <ranges>
#include <set>
#include <utility>
#include <vector>

#include "sim/machine/types.h"
#include "workloads/import/page_ranges.h"
#include "workloads/import/strace_calls.h"
#include "workloads/import/strace_programs.h"

namespace bachsim {
namespace {

using Kind = StraceEvent::Kind;

constexpr std::uint64_t kOtherPages = 2;  // of a process, besides text and data
constexpr std::uint64_t kLeastFrames = 256;
// More than a machine has, and no trace of a real one comes near.
constexpr std::uint64_t kMostFrames = std::uint64_t{1} << 30;

class Maker {
 public:
  Maker(const StraceEvents& trace, std::string_view name) : trace_(trace), name_(name), programs_(trace) {}

  std::string make() {
    for (const StraceEvent& event : trace_.events) each(event);
    std::vector<std::uint64_t> left;
    for (const auto& [pid, process] : processes_) left.push_back(pid);
    for (const std::uint64_t pid : left) return_from_wait(pid);
    return head() + body_;
  }

 private:
  struct Process {
    std::string name;
    std::uint64_t data = 0;                    // pages
    std::optional<std::uint64_t> break_{};     // address
    PageRanges anonymous{};                    // private pages that sbrk has made
    PageRanges shared{};                       // a range for each key that is attached
    std::optional<std::uint64_t> lender{};     // of a vfork child that has neither exec'd nor ended
    std::optional<std::uint64_t> ends_with{};  // it has been ended, perhaps while it lends its space
    std::string lends_to{};                    // the vfork child until whose exec or end it sleeps; empty: none
    std::uint64_t borrower{};                  // that child's pid
    std::optional<Reaped> awaits{};            // its wait will return this child, whose end has not come yet
    std::string awaited{};                     // the child's name
    bool threaded = false;                     // it has had threads, which may outlive the first of them
  };

  void each(const StraceEvent& event) {
    if (threads_.contains(event.pid)) return of_thread(event);
    if (ended_.contains(event.pid)) return of_the_dead(event);
    return_from_wait(event.pid);
    if (!processes_.contains(event.pid) && !appears(event)) return;
    Process& process = processes_[event.pid];
    if (process.awaits) return static_cast<void>(++unmapped_["events behind a wait without an end"]);
    switch (event.kind) {
      case Kind::Call:
        return call(process, event);
      case Kind::Exited:
        return end(process, event.pid, static_cast<std::uint64_t>(event.result.value_or(0)) & 0xff);
      case Kind::Killed:
        comment(process, fmt::format("killed by {}", event.name));
        return end(process, event.pid, 128 + signal_number(event.name));
      case Kind::Signal:
        ++unmapped_[event.name];
    }
  }

  // What strace tells of a process behind its end, besides that end itself.
  void of_the_dead(const StraceEvent& event) {
    if (event.kind == Kind::Call || event.kind == Kind::Signal) ++unmapped_["events of processes that have ended"];
  }

  // A thread is no process: what it does with memory is not mapped, and its end is not the end of anything. Whom it
  // bears its process has borne, unless that sleeps.
  void of_thread(const StraceEvent& event) {
    if (event.kind != Kind::Call) return;
    StraceEvent of_process = event;
    of_process.pid = threads_[event.pid];
    const auto found = processes_.find(of_process.pid);
    const Birth birth = birth_of(event);
    if (found != processes_.end() && event.name == "exit_group") {
      return_from_wait(of_process.pid);
      of_process.result.reset();
      if (!found->second.awaits) call(found->second, of_process);
    } else if (birth == Birth::Thread) {
      threads_[static_cast<std::uint64_t>(*event.result)] = of_process.pid;
      ++unmapped_["threads"];
    } else if (birth != Birth::None && found != processes_.end() && !found->second.awaits) {
      call(found->second, of_process);
    } else {
      ++unmapped_[event.name];
    }
  }

  // A process whose birth the trace does not have. Its exec, if that is the first of it, is how it begins.
  bool appears(const StraceEvent& event) {
    if (event.kind != Kind::Call) return false;
    const std::string file = is_exec(event) ? file_of(event) : std::string();
    Process process{.name = new_name(event.pid)};
    const TracedProgram& program = programs_.of(file);
    process.data = program.data;
    line(fmt::format("spawn {} as {}", program.name, process.name));
    begin_image(process);
    pages_ += process.data + kOtherPages;
    processes_[event.pid] = std::move(process);
    note_frames();
    if (is_exec(event)) ++mapped_[event.name];
    return !is_exec(event);
  }

  void call(Process& process, const StraceEvent& event) {
    const std::string& name = event.name;
    const bool space = name == "brk" || name == "mmap" || name == "mmap2" || name == "munmap";
    if ((!process.lends_to.empty() || (space && process.lender)) && name != "exit_group") {
      comment(process, fmt::format("{} while a vfork child has the space", name));
      ++unmapped_[name];
    } else if (birth_of(event) != Birth::None) {
      give_birth(process, event);
    } else if (is_exec(event)) {
      exec(process, event);
    } else if (name == "exit_group" || (name == "exit" && !process.threaded)) {
      const auto arguments = arguments_of(event);
      ++mapped_[name];
      end(process, event.pid, number_of(arguments.empty() ? "0" : arguments.front()).value_or(0) & 0xff);
    } else if (const auto reaped = reaped_by(event)) {
      wait(process, event, *reaped);
    } else if (name == "brk") {
      move_break(process, event);
    } else if (name == "mmap" || name == "mmap2") {
      map_memory(process, event);
    } else if (name == "munmap") {
      unmap_memory(process, event);
    } else {
      not_mapped(process, event);
    }
  }

  void give_birth(Process& parent, const StraceEvent& event) {
    const auto pid = static_cast<std::uint64_t>(*event.result);
    const Birth birth = birth_of(event);
    if (birth == Birth::Thread) {
      parent.threaded = true;
      comment(parent, fmt::format("{} of a thread, {}", event.name, pid));
      ++unmapped_["threads"];
      threads_[pid] = event.pid;
      return;
    }
    end_namesake(pid, event.pid);
    parents_[pid] = parent.name;
    Process child = parent;
    child.name = new_name(pid);
    child.lender.reset();
    const bool vfork = birth == Birth::Vfork;
    map(event, fmt::format("{}: {} as {}", parent.name, vfork ? "vfork" : "fork", child.name));
    if (vfork) {
      child.lender = event.pid;
      parent.lends_to = child.name;
      parent.borrower = pid;
    } else {
      if (has(event.arguments, "CLONE_VM")) comment(child, "it shares its parent's memory; here it has a copy");
      line(fmt::format("{0}: write stack[0]", child.name));
      if (child.data > 0) {
        line(fmt::format("{0}: write data[0..written - 1]", child.name));
        least_data_ = std::min(least_data_, child.data);
      }
    }
    ended_.erase(pid);
    threads_.erase(pid);
    // One that could not be ended lives on, and keeps its pages.
    if (const auto before = processes_.find(pid); before != processes_.end()) lost_.insert(before->second.name);
    pages_ += child.data + kOtherPages;
    processes_[pid] = std::move(child);
    note_frames();
  }

  // Another process has had the pid, so it has ended, though the trace does not say when. One that sleeps cannot.
  void end_namesake(std::uint64_t pid, std::uint64_t parent) {
    const auto before = processes_.find(pid);
    if (pid == parent || before == processes_.end() || before->second.awaits) return;
    end(before->second, pid, before->second.ends_with.value_or(0));
  }

  // A wait stands where it began, mostly before the child's end.
  void wait(Process& process, const StraceEvent& event, const Reaped& reaped) {
    const auto parent = parents_.find(reaped.pid);
    if (parent == parents_.end() || parent->second != process.name) {
      comment(process, fmt::format("{} for {}, which is not a child of it", event.name, reaped.pid));
      return static_cast<void>(++unmapped_[event.name + " for another's child"]);
    }
    parents_.erase(parent);
    map(event, fmt::format("{}: wait", process.name));
    if (const auto child = processes_.find(reaped.pid); child != processes_.end()) {
      process.awaits = reaped;
      process.awaited = child->second.name;
    }
  }

  // Its wait has returned: a child that still seems to live has ended, and so have those for whom that child slept. It
  // sleeps on where one of these has lost its pid to another process, and so cannot be ended.
  void return_from_wait(std::uint64_t pid) {
    const auto waiter = processes_.find(pid);
    if (waiter == processes_.end() || !waiter->second.awaits) return;
    std::vector<Reaped> ended;
    for (auto sleeper = waiter; sleeper != processes_.end();) {
      const Process& process = sleeper->second;
      if (!process.awaits && process.lends_to.empty()) break;
      const std::string& name = process.awaits ? process.awaited : process.lends_to;
      if (lost_.contains(name)) {
        for (const Reaped& reaped : ended) lost_.insert(processes_[reaped.pid].name);
        return;
      }
      const auto child = processes_.find(process.awaits ? process.awaits->pid : process.borrower);
      if (child == processes_.end() || child->second.name != name) break;
      ended.push_back(process.awaits.value_or(Reaped{child->first, child->second.ends_with.value_or(0)}));
      sleeper = child;
    }
    for (const Reaped& reaped : std::views::reverse(ended)) {
      if (const auto found = processes_.find(reaped.pid); found != processes_.end()) {
        found->second.awaits.reset();
        end(found->second, reaped.pid, reaped.status);
      }
    }
    waiter->second.awaits.reset();
  }

  void exec(Process& process, const StraceEvent& event) {
    const TracedProgram& program = programs_.of(file_of(event));
    map(event, fmt::format("{}: exec {}", process.name, program.name));
    end_those(give_back(process));
    pages_ = pages_ - process.data + program.data;
    process.data = program.data;
    process.break_.reset();
    process.anonymous.clear();
    process.shared.clear();
    begin_image(process);
    note_frames();
  }

  // One that sleeps ends with its child's exec or end.
  void end(Process& process, std::uint64_t pid, std::uint64_t status) {
    process.ends_with = status;
    if (process.lends_to.empty()) end_those(pid);
  }

  // Ends a process that has its status; then, if its space was lent and the lender's end has waited for that, this one,
  // and so on.
  void end_those(std::optional<std::uint64_t> pid) {
    while (pid) {
      const auto ending = processes_.find(*pid);
      Process& process = ending->second;
      const std::uint64_t status = *process.ends_with;
      line(status == 0 ? fmt::format("{}: exit", process.name) : fmt::format("{}: exit {}", process.name, status));
      const auto next = give_back(process);
      ended_.insert(*pid);
      pages_ -= process.data + kOtherPages;
      processes_.erase(ending);
      pid = next;
    }
  }

  // A vfork child gives the space back. Returns the lender if that one is to end now. Another process may have its pid.
  std::optional<std::uint64_t> give_back(Process& child) {
    if (!child.lender) return std::nullopt;
    const std::uint64_t pid = *std::exchange(child.lender, std::nullopt);
    const auto lender = processes_.find(pid);
    if (lender == processes_.end() || lender->second.lends_to != child.name) return std::nullopt;
    lender->second.lends_to.clear();
    return lender->second.ends_with ? std::optional(pid) : std::nullopt;
  }

  void move_break(Process& process, const StraceEvent& event) {
    if (!event.result || *event.result == -1) return not_mapped(process, event);
    const auto now = static_cast<std::uint64_t>(*event.result);
    const std::uint64_t before = pages_up(process.break_.value_or(now));
    const bool moves = process.break_ && pages_up(now) != before;
    if (pages_up(now) > before && has_no_room(process, event, pages_up(now) - before)) return;
    process.break_ = now;
    if (!moves) return static_cast<void>(++unmapped_[event.name + " that only asks"]);
    ++mapped_[event.name];
    if (pages_up(now) > before)
      grow(process, pages_up(now) - before);
    else
      shrink(process, before - pages_up(now));
  }

  // Private anonymous memory is data: fork copies it as it copies data.
  void map_memory(Process& process, const StraceEvent& event) {
    const auto mapping = mapping_of(event);
    if (!mapping || mapping->file || !mapping->writable || mapping->pages() == 0) return not_mapped(process, event);
    if (has_no_room(process, event, mapping->pages())) return;
    ++mapped_[event.name];
    if (mapping->shared) {
      ++keys_;
      line(fmt::format("{0}: shmget m{1} {2}\n{0}: shmat m{1}", process.name, keys_, mapping->pages()));
      process.shared.put({.first = mapping->first, .end = mapping->end, .key = keys_});
      pages_ += mapping->pages();
    } else if (const std::uint64_t pages = process.anonymous.add(mapping->first, mapping->end); pages > 0) {
      grow(process, pages);
    }
  }

  // A process may have asked for more addresses than a machine here has, as one does that will never use them all.
  bool has_no_room(const Process& process, const StraceEvent& event, std::uint64_t pages) {
    if (pages <= kMostTracedData - process.data) return false;
    comment(process, fmt::format("{} of {} pages, for which there are no addresses", event.name, pages));
    ++unmapped_[event.name + " of too many pages"];
    return true;
  }

  void unmap_memory(Process& process, const StraceEvent& event) {
    const auto arguments = arguments_of(event);
    const auto address = number_of(arguments.empty() ? "" : arguments.front());
    const auto bytes = number_of(arguments.size() < 2 ? "" : arguments[1]);
    if (event.result != 0 || !address || !bytes) return not_mapped(process, event);
    const std::uint64_t first = *address >> kPageShift;
    const std::uint64_t end = first + pages_up(*bytes);
    const auto shared = process.shared.at(first);
    if (shared && shared->end == end) {
      map(event, fmt::format("{}: shmdt m{}", process.name, shared->key));
      process.shared.erase(first);
    } else if (const std::uint64_t pages = process.anonymous.remove(first, end); pages > 0) {
      ++mapped_[event.name];
      shrink(process, pages);
    } else {
      not_mapped(process, event);
    }
  }

  void grow(Process& process, std::uint64_t pages) {
    line(fmt::format("{}: sbrk {}", process.name, pages));
    process.data += pages;
    pages_ += pages;
    touch(process, process.data - pages, process.data);
    note_frames();
  }

  void shrink(Process& process, std::uint64_t pages) {
    pages = std::min(pages, process.data);  // a break below where data begins
    line(fmt::format("{}: sbrk -{}", process.name, pages));
    process.data -= pages;
    pages_ -= pages;
  }

  // A new image: nobody runs without a stack.
  void begin_image(const Process& process) {
    line(fmt::format("{}: write stack[0]", process.name));
    touch(process, 0, process.data);
  }

  // The share of new pages that `touched` says is written.
  void touch(const Process& process, std::uint64_t first, std::uint64_t end) {
    touches_ = true;
    line(fmt::format("{}: write data[{}..{} + {} * touched / 100 - 1]", process.name, first, first, end - first));
  }

  void note_frames() { frames_ = std::max(frames_, pages_ + programs_.text_pages()); }

  // A pid may come back.
  std::string new_name(std::uint64_t pid) {
    const unsigned times = ++births_[pid];
    return times == 1 ? fmt::format("p{}", pid) : fmt::format("p{}_{}", pid, times);
  }

  void line(const std::string& text) { body_ += text + "\n"; }
  void comment(const Process& process, const std::string& text) { line(fmt::format("# {}: {}", process.name, text)); }
  void map(const StraceEvent& event, const std::string& text) {
    ++mapped_[event.name];
    line(text);
  }

  void not_mapped(const Process& process, const StraceEvent& event) {
    const std::string& name = event.name;
    if (event.result == -1) {
      ++unmapped_[name + " that failed"];
      if (name.starts_with("execve")) comment(process, fmt::format("{} failed", name));
      return;
    }
    const auto mapping = name.starts_with("mmap") ? mapping_of(event) : std::nullopt;
    if (!mapping) return static_cast<void>(++unmapped_[name]);
    ++unmapped_[name + (mapping->file ? " of a file" : " without access")];
    if (!mapping->file) comment(process, fmt::format("{} of {} pages without access", name, mapping->pages()));
  }

  [[nodiscard]] static std::string counts(std::string_view what, const std::map<std::string, std::uint64_t>& counted) {
    std::string text = fmt::format("# {}:", what);
    std::size_t begin = 0;
    for (const auto& [name, count] : counted) {
      const std::string word = fmt::format(" {} {}{}", count, name, &name == &counted.rbegin()->first ? "" : ",");
      if (text.size() - begin + word.size() > 100) {
        begin = text.size() + 1;
        text += "\n#  ";
      }
      text += word;
    }
    return counted.empty() ? text + " nothing\n" : text + "\n";
  }

  [[nodiscard]] std::string head() const {
    std::string title;
    for (const char c : name_) title += c == '"' || c == '{' || c == '}' || c < ' ' || c > '~' ? '_' : c;
    std::string text = fmt::format(
        "# Made of a trace of strace, {} lines. It does not say which pages were referenced: see the params.\n",
        trace_.lines);
    text += counts("mapped", mapped_) + counts("not mapped", unmapped_);
    if (trace_.not_understood != 0) text += fmt::format("# lines that are not strace's: {}\n", trace_.not_understood);
    text += fmt::format("title \"strace: {}\"\n\n", title);
    if (touches_)
      text += "# Per cent of the data that a process asks for and then writes.\nparam touched = 100 in 0..100\n";
    if (least_data_ != kNone)
      text += fmt::format(
          "# Pages of data that a child writes after a fork, besides one of its stack.\nparam written = 1 in 0..{}\n",
          least_data_);
    text += fmt::format("\nmachine frames={}\n", std::clamp(frames_ + frames_ / 4, kLeastFrames, kMostFrames));
    return text + programs_.declarations() + "\n";
  }

  static constexpr std::uint64_t kNone = ~std::uint64_t{0};

  const StraceEvents& trace_;
  std::string_view name_;
  std::string body_;
  TracedPrograms programs_;
  std::map<std::uint64_t, Process> processes_;      // by pid: those that live
  std::map<std::uint64_t, std::uint64_t> threads_;  // by their ids: the process
  std::map<std::uint64_t, std::string> parents_;    // the parent's name, by pid of who was born and not reaped
  std::set<std::uint64_t> ended_;
  // Names of those whose pid another process has, though they live, and of those who sleep for them.
  std::set<std::string> lost_;
  std::map<std::uint64_t, unsigned> births_;     // [pid]
  std::map<std::string, std::uint64_t> mapped_;  // [call]
  std::map<std::string, std::uint64_t> unmapped_;
  unsigned keys_ = 0;
  std::uint64_t pages_ = 0;           // of all processes now, and all shared memory so far
  std::uint64_t frames_ = 0;          // as many as these and the programs' were at most
  std::uint64_t least_data_ = kNone;  // of those that have forked
  bool touches_ = false;
};

}  // namespace

std::string script_of(const StraceEvents& trace, std::string_view name) { return Maker(trace, name).make(); }

}  // namespace bachsim
