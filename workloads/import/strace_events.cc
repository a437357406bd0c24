#include "workloads/import/strace_events.h"

#include <algorithm>
#include <charconv>
#include <map>
#include <set>
#include <unordered_map>
#include <utility>

namespace bachsim {
namespace {

constexpr std::string_view kUnfinished = "<unfinished ...>";
constexpr std::string_view kPidChanged = "<pid changed to ";

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// As the names of calls and signals are.
bool is_name(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) {
    return c == '_' || is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
  });
}

constexpr std::string_view kBlanks = " \t\r";

std::string_view without_blanks_behind(std::string_view text) {
  return text.substr(0, text.find_last_not_of(kBlanks) + 1);
}

std::string_view trimmed(std::string_view text) {
  text.remove_prefix(std::min(text.find_first_not_of(kBlanks), text.size()));
  return without_blanks_behind(text);
}

// The number at the beginning of a text, which is cut off.
std::optional<std::uint64_t> cut_number(std::string_view& text, int base = 10) {
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number, base);
  if (error != std::errc()) return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return number;
}

// What stands behind `=`: a number, or nothing for `?`.
std::optional<std::int64_t> result_of(std::string_view text) {
  text = trimmed(text);
  if (text.starts_with("0x")) {
    text.remove_prefix(2);
    const auto number = cut_number(text, 16);
    return number ? std::optional(static_cast<std::int64_t>(*number)) : std::nullopt;
  }
  const bool negative = text.starts_with("-");
  if (negative) text.remove_prefix(1);
  const auto number = cut_number(text);
  if (!number) return std::nullopt;
  return static_cast<std::int64_t>(negative ? 0 - *number : *number);
}

bool makes_child(std::string_view call) { return call == "fork" || call == "vfork" || call.starts_with("clone"); }

// The process that an event has borne.
std::optional<std::uint64_t> child_of(const StraceEvent& event) {
  const bool bears = event.kind == StraceEvent::Kind::Call && makes_child(event.name) && event.result.value_or(-1) > 0;
  return bears ? std::optional(static_cast<std::uint64_t>(*event.result)) : std::nullopt;
}

// With -z strace tells of a call when it has succeeded. A child has done something by then, and may have ended. Such a
// call goes to where the child begins; it is known by a child that has done something, whose birth nothing tells yet,
// and that lives on or does nothing more.   REQUIRES: ends are told
void put_births_first(std::vector<StraceEvent>& events) {
  struct Life {
    std::size_t first = 0;  // event
    bool is_born = false;   // its birth is told
    bool has_ended = false;
  };
  std::unordered_map<std::uint64_t, std::size_t> last;  // [pid]: event
  for (std::size_t i = 0; i < events.size(); ++i) last[events[i].pid] = i;
  std::unordered_map<std::uint64_t, Life> lives;                   // [pid]: the last one
  std::unordered_map<std::size_t, std::vector<std::size_t>> late;  // [event]: births that belong before it
  std::vector<bool> moves(events.size());
  for (std::size_t i = 0; i < events.size(); ++i) {
    const StraceEvent& event = events[i];
    const auto life = lives.find(event.pid);
    if (life == lives.end() || life->second.has_ended) lives[event.pid] = {.first = i};
    lives[event.pid].has_ended = event.kind == StraceEvent::Kind::Exited || event.kind == StraceEvent::Kind::Killed;
    const auto child = child_of(event);
    if (!child || *child == event.pid) continue;
    const auto known = lives.find(*child);
    const bool is_late =
        known != lives.end() && !known->second.is_born && (!known->second.has_ended || last[*child] < i);
    if (is_late) {
      late[known->second.first].push_back(i);
      moves[i] = true;
      known->second.is_born = true;
    } else {
      lives[*child] = {.first = i, .is_born = true};
    }
  }
  if (late.empty()) return;
  std::vector<StraceEvent> ordered;
  std::vector<std::size_t> stack;
  for (std::size_t i = 0; i < events.size(); ++i) {
    if (moves[i]) continue;
    stack.push_back(i);
    while (!stack.empty()) {
      const std::size_t next = stack.back();
      if (const auto before = late.extract(next); !before.empty()) {
        stack.insert(stack.end(), before.mapped().rbegin(), before.mapped().rend());
        continue;
      }
      stack.pop_back();
      ordered.push_back(std::move(events[next]));
    }
  }
  events = std::move(ordered);
}

class Lines {
 public:
  explicit Lines(std::string_view text) : text_(text) {}

  StraceEvents read() {
    each_line([this](std::string_view line) { note_pids(line); }, [this](std::uint64_t pid) { children_.insert(pid); });
    // The first process is nobody's child, and strace does not tell that it attaches.
    const auto first = std::ranges::find_if(bracketed_, [this](std::uint64_t pid) { return !children_.contains(pid); });
    if (first != bracketed_.end()) first_ = *first;
    found_.lines = 0;
    each_line([this](std::string_view text) { line(text); }, [this](std::uint64_t pid) { see(pid); });
    if (tells_ends_) put_births_first(found_.events);
    return std::move(found_);
  }

 private:
  // Where strace writes to a terminal, it tells of a child in the middle of its parent's call, whose rest is the next
  // line.
  template <class Take, class Attach>
  void each_line(Take&& take, Attach&& attach) {
    std::string begun;
    std::vector<std::uint64_t> attached;  // in the middle of that line
    for (std::size_t at = 0; at < text_.size();) {
      const std::size_t end = std::min(text_.find('\n', at), text_.size());
      ++found_.lines;
      const std::string_view line = text_.substr(at, end - at);
      at = end + 1;
      if (const auto message = message_in(line)) {
        begun += line.substr(0, message->at);
        attached.push_back(message->pid);
      } else if (begun.empty()) {
        take(trimmed(line));
      } else {
        take(trimmed(begun + std::string(line)));
        begun.clear();
      }
      if (!begun.empty()) continue;
      for (const std::uint64_t pid : attached) attach(pid);
      attached.clear();
    }
    if (!begun.empty()) take(trimmed(begun));
  }

  struct Message {
    std::size_t at;
    std::uint64_t pid;
  };

  // `strace: Process 17 attached`, with which the line ends; of a process that had threads
  // `strace: Process 17 attached with 3 threads`.
  static std::optional<Message> message_in(std::string_view line) {
    constexpr std::string_view kBegin = "strace: Process ";
    line = without_blanks_behind(line);
    if (!line.ends_with(" attached") && !line.ends_with(" threads")) return std::nullopt;
    const std::size_t at = line.rfind(kBegin);
    if (at == std::string_view::npos) return std::nullopt;
    line.remove_prefix(at + kBegin.size());
    const auto pid = cut_number(line);
    if (!pid || (line != " attached" && !line.starts_with(" attached with "))) return std::nullopt;
    return Message{.at = at, .pid = *pid};
  }

  void note_pids(std::string_view rest) {
    const bool bracket = rest.starts_with('[');
    if (const auto pid = cut_pid(rest); pid && bracket) bracketed_.push_back(*pid);
    cut_time(rest);
    tells_ends_ = tells_ends_ || rest.starts_with("+++ ");
    constexpr std::string_view kGoesOn = "<... ";
    const bool goes_on = rest.starts_with(kGoesOn);
    if (goes_on) rest.remove_prefix(kGoesOn.size());
    const std::size_t name = std::min(rest.find(goes_on ? ' ' : '('), rest.size());
    StraceEvent event{.name = std::string(rest.substr(0, name))};
    if (!makes_child(event.name)) return;
    finish(event, rest.substr(name));
    if (event.result.value_or(-1) > 0) children_.insert(static_cast<std::uint64_t>(*event.result));
  }

  void line(std::string_view rest) {
    if (rest.empty() || rest.starts_with("strace: ")) return;
    const bool bracket = rest.starts_with('[');
    const auto said = cut_pid(rest);
    if (said && bracket) see(*said);
    bare_ = !said;
    const std::uint64_t pid = said.value_or(unsaid());
    cut_time(rest);
    if (rest.starts_with("<... "))
      resumed(pid, rest);
    else if (rest.starts_with("+++ ") || rest.starts_with("--- "))
      told(pid, rest);
    else
      call(pid, rest);
  }

  static std::optional<std::uint64_t> cut_pid(std::string_view& rest) {
    std::string_view text = rest;
    const bool bracket = text.starts_with("[pid");
    if (bracket) text = trimmed(text.substr(4));
    const auto number = cut_number(text);
    const char behind = text.empty() ? '\0' : text.front();
    if (!number || (bracket ? behind != ']' : behind != ' ' && behind != '\t')) return std::nullopt;
    rest = trimmed(text.substr(bracket ? 1 : 0));
    return number;
  }

  // The process of a line that says none: the only one that is left, if one is known; else who it was before.
  [[nodiscard]] std::uint64_t unsaid() const {
    const std::set<std::uint64_t>& left = alive_.empty() ? born_ : alive_;
    return left.size() == 1 ? *left.begin() : first_;
  }

  void see(std::uint64_t pid) {
    alive_.insert(pid);
    born_.erase(pid);
  }

  // Of -t and -r: it has a colon or a point.
  static void cut_time(std::string_view& rest) {
    const std::size_t end = std::min(rest.find_first_not_of("0123456789:.+"), rest.size());
    if (end > 0 && is_digit(rest.front()) && rest.substr(0, end).find_first_of(":.") != std::string_view::npos)
      rest = trimmed(rest.substr(end));
  }

  void add(StraceEvent event) {
    if (bare_ && alive_.empty()) see(event.pid);
    if (bare_) first_ = event.pid;
    event.line = found_.lines;
    found_.events.push_back(std::move(event));
  }

  void call(std::uint64_t pid, std::string_view rest) {
    const std::size_t open = rest.find('(');
    if (open == std::string_view::npos || !is_name(rest.substr(0, open))) {
      ++found_.not_understood;
      return;
    }
    StraceEvent event{.pid = pid, .name = std::string(rest.substr(0, open))};
    rest.remove_prefix(open + 1);
    // `<unfinished ...>`; of a thread that becomes the process `<pid changed to 17 ...>`
    const std::size_t changed = rest.ends_with(" ...>") ? rest.rfind(kPidChanged) : std::string_view::npos;
    const bool unfinished = rest.ends_with(kUnfinished);
    if (unfinished || changed != std::string_view::npos) {
      std::string_view process = rest.substr(std::min(changed, rest.size()));
      process.remove_prefix(std::min(kPidChanged.size(), process.size()));
      if (!unfinished) event.pid = cut_number(process).value_or(pid);
      event.arguments = trimmed(rest.substr(0, unfinished ? rest.size() - kUnfinished.size() : changed));
      unfinished_[event.pid] = found_.events.size();
      return add(std::move(event));
    }
    finish(event, rest);
    note(event, found_.events.size());
    const bool ends = !tells_ends_ && (event.name == "exit_group" || event.name == "exit");
    add(std::move(event));
    if (ends) forget(pid);
  }

  void resumed(std::uint64_t pid, std::string_view rest) {
    const auto begun = unfinished_.find(pid);
    const std::size_t end = rest.find("resumed>");
    if (begun == unfinished_.end() || end == std::string_view::npos) {
      ++found_.not_understood;
      return;
    }
    const std::size_t at = begun->second;
    unfinished_.erase(begun);
    finish(found_.events[at], rest.substr(end + 8));
    note(found_.events[at], at);
  }

  // The rest of the arguments, and the result behind them.
  static void finish(StraceEvent& event, std::string_view rest) {
    std::size_t equals = rest.rfind('=');
    while (equals != std::string_view::npos && !without_blanks_behind(rest.substr(0, equals)).ends_with(')'))
      equals = equals == 0 ? std::string_view::npos : rest.rfind('=', equals - 1);
    if (equals == std::string_view::npos) {
      event.arguments += rest;
      return;
    }
    std::string_view arguments = trimmed(rest.substr(0, equals));
    arguments.remove_suffix(1);
    event.arguments += arguments;
    event.result = result_of(rest.substr(equals + 1));
  }

  void told(std::uint64_t pid, std::string_view rest) {
    const auto cut = [&rest](std::string_view words) {
      const bool is_there = rest.starts_with(words);
      if (is_there) rest.remove_prefix(words.size());
      return is_there;
    };
    StraceEvent event{.pid = pid};
    if (cut("+++ exited with ")) {
      event.kind = StraceEvent::Kind::Exited;
      event.result = result_of(rest);
    } else if (const bool killed = cut("+++ killed by "); killed || cut("--- ")) {
      event.kind = killed ? StraceEvent::Kind::Killed : StraceEvent::Kind::Signal;
      event.name = rest.substr(0, rest.find(' '));
      if (!is_name(event.name)) return static_cast<void>(++found_.not_understood);
    } else if (cut("+++ superseded by execve in pid ")) {
      // A thread has become the process, and so was its exec the process's.
      const std::uint64_t id = cut_number(rest).value_or(0);
      forget(id);
      if (bare_) pid = unsaid();
      const auto thread = unfinished_.extract(id);
      if (!thread.empty()) {
        found_.events[thread.mapped()].pid = pid;
        unfinished_[pid] = thread.mapped();
      }
      return;
    } else {
      return;
    }
    const bool ends = event.kind != StraceEvent::Kind::Signal;
    if (ends) ended_[pid] = found_.events.size();
    add(std::move(event));
    if (ends) forget(pid);
  }

  void forget(std::uint64_t pid) {
    alive_.erase(pid);
    born_.erase(pid);
  }

  // A child may end before its parent's call, the event `at`, does.
  void note(const StraceEvent& event, std::size_t at) {
    if (!makes_child(event.name) || event.result.value_or(-1) <= 0) return;
    const auto child = static_cast<std::uint64_t>(*event.result);
    const auto ended = ended_.find(child);
    if (!alive_.contains(child) && (ended == ended_.end() || ended->second < at)) born_.insert(child);
  }

  std::string_view text_;
  StraceEvents found_;
  std::unordered_map<std::uint64_t, std::size_t> unfinished_;  // [pid]: the call's event
  std::vector<std::uint64_t> bracketed_;                       // the pids that lines begin with in brackets
  std::set<std::uint64_t> children_;
  // The first process, which has no pid on its lines until there are others; then who was the last to have none.
  std::uint64_t first_ = 1;
  bool bare_ = false;              // the line says no pid
  bool tells_ends_ = false;        // some line has `+++ exited`; with -qq none has
  std::set<std::uint64_t> alive_;  // in brackets, told to have attached, or of lines without a pid
  std::set<std::uint64_t> born_;   // alive as far as is known, and none of these: without -f strace does not have it
  std::map<std::uint64_t, std::size_t> ended_;  // [pid]: its end's event
};

}  // namespace

StraceEvents strace_events(std::string_view text) { return Lines(text).read(); }

std::vector<std::string_view> arguments_of(const StraceEvent& event) {
  std::vector<std::string_view> arguments;
  const std::string_view text = event.arguments;
  std::size_t begin = 0;
  int depth = 0;
  bool quoted = false;
  for (std::size_t at = 0; at <= text.size(); ++at) {
    const char c = at < text.size() ? text[at] : ',';
    if (quoted && c == '\\' && at < text.size()) {
      ++at;
    } else if (c == '"') {
      quoted = !quoted;
    } else if (!quoted && (c == '(' || c == '[' || c == '{')) {
      ++depth;
    } else if (!quoted && (c == ')' || c == ']' || c == '}')) {
      --depth;
    }
    if (c != ',' || (at < text.size() && (quoted || depth > 0))) continue;
    if (at > begin) arguments.push_back(trimmed(text.substr(begin, at - begin)));
    begin = at + 1;
  }
  return arguments;
}

}  // namespace bachsim
