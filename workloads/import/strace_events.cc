#include "workloads/import/strace_events.h"

#include <algorithm>
#include <charconv>
#include <set>
#include <unordered_map>
#include <utility>

namespace bachsim {
namespace {

constexpr std::string_view kUnfinished = "<unfinished ...>";

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

class Lines {
 public:
  explicit Lines(std::string_view text) : text_(text) {}

  StraceEvents read() {
    for (std::size_t at = 0; at < text_.size();) {
      const std::size_t end = std::min(text_.find('\n', at), text_.size());
      ++found_.lines;
      line(trimmed(text_.substr(at, end - at)));
      at = end + 1;
    }
    name_the_first();
    return std::move(found_);
  }

 private:
  static constexpr std::uint64_t kNotSaid = 0;

  void line(std::string_view rest) {
    if (rest.empty() || rest.starts_with("strace: ")) return;
    const std::uint64_t pid = cut_pid(rest);
    cut_time(rest);
    if (rest.starts_with("<... "))
      resumed(pid, rest);
    else if (rest.starts_with("+++ ") || rest.starts_with("--- "))
      told(pid, rest);
    else
      call(pid, rest);
  }

  std::uint64_t cut_pid(std::string_view& rest) {
    std::string_view text = rest;
    const bool bracket = text.starts_with("[pid");
    if (bracket) text = trimmed(text.substr(4));
    const auto number = cut_number(text);
    const char behind = text.empty() ? '\0' : text.front();
    if (!number || (bracket ? behind != ']' : behind != ' ' && behind != '\t')) return unsaid();
    rest = trimmed(text.substr(bracket ? 1 : 0));
    if (bracket) bracketed_.insert(*number);
    return *number;
  }

  // The process of a line that says none: the first one; where that has ended, the only one that is left.
  [[nodiscard]] std::uint64_t unsaid() const { return first_ended_ && alive_.size() == 1 ? *alive_.begin() : kNotSaid; }

  // Of -t and -r: it has a colon or a point.
  static void cut_time(std::string_view& rest) {
    const std::size_t end = std::min(rest.find_first_not_of("0123456789:.+"), rest.size());
    if (end > 0 && is_digit(rest.front()) && rest.substr(0, end).find_first_of(":.") != std::string_view::npos)
      rest = trimmed(rest.substr(end));
  }

  void add(StraceEvent event) {
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
    if (rest.ends_with(kUnfinished)) {
      event.arguments = trimmed(rest.substr(0, rest.size() - kUnfinished.size()));
      unfinished_[pid] = found_.events.size();
      return add(std::move(event));
    }
    finish(event, rest);
    note(event);
    add(std::move(event));
  }

  void resumed(std::uint64_t pid, std::string_view rest) {
    const auto begun = unfinished_.find(pid);
    const std::size_t end = rest.find("resumed>");
    if (begun == unfinished_.end() || end == std::string_view::npos) {
      ++found_.not_understood;
      return;
    }
    StraceEvent& event = found_.events[begun->second];
    unfinished_.erase(begun);
    finish(event, rest.substr(end + 8));
    note(event);
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
    } else {
      return;  // a thread has become the process
    }
    if (event.kind != StraceEvent::Kind::Signal) {
      alive_.erase(pid);
      first_ended_ = first_ended_ || pid == kNotSaid;
    }
    add(std::move(event));
  }

  void note(const StraceEvent& event) {
    const bool makes = event.name == "fork" || event.name == "vfork" || event.name.starts_with("clone");
    if (!makes || event.result.value_or(-1) <= 0) return;
    const auto child = static_cast<std::uint64_t>(*event.result);
    children_.insert(child);
    alive_.insert(child);
  }

  // The first process has no pid on its lines until there are others. It is nobody's child.
  void name_the_first() {
    std::uint64_t first = 1;
    for (const std::uint64_t pid : bracketed_) {
      if (!children_.contains(pid)) first = pid;
    }
    for (StraceEvent& event : found_.events) {
      if (event.pid == kNotSaid) event.pid = first;
    }
  }

  std::string_view text_;
  StraceEvents found_;
  std::unordered_map<std::uint64_t, std::size_t> unfinished_;  // [pid]: the call's event
  std::set<std::uint64_t> bracketed_;                          // pids that lines begin with in brackets
  std::set<std::uint64_t> children_;
  std::set<std::uint64_t> alive_;  // of the children
  bool first_ended_ = false;
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
