// What the prompt prints and leaves as it is: the script, expressions, tables.
#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <charconv>
#include <map>
#include <utility>

#include "sim/cli/graphviz.h"
#include "sim/cli/host.h"
#include "sim/cli/prompt.h"
#include "sim/draw/drawings.h"
#include "sim/report/change_text.h"
#include "sim/report/event_text.h"
#include "sim/report/table.h"
#include "sim/report/views.h"
#include "workloads/language/characters.h"

namespace bachsim {
namespace {

constexpr std::uint32_t kLinesListed = 11;
constexpr std::size_t kIndent = 4;
constexpr std::size_t kFartherIn = 4;

// The text behind a word with which it begins, and behind blanks.
std::string behind(const std::string& word, std::string_view text) {
  text.remove_prefix(word.size());
  text.remove_prefix(std::min(text.find_first_not_of(" \t"), text.size()));
  return std::string(text.substr(0, text.find_last_not_of(" \t") + 1));
}

// The columns of a row that a path leads to, a line each.
template <class Row, class Columns>
void write_fields(Sink& out, const Columns& columns, const Row& row) {
  for (const auto& column : columns) {
    const Field field = column.get(row);
    const bool nothing = column.is(kIfAny) && (field == Field(kNothing) || field == Field(std::int64_t{0}));
    if (column.is(kInPath) && column.name != "value" && !nothing)
      out.write(fmt::format("  {:<12}{}\n", column.name, text(field)));
  }
}

// What `make` makes, if the host has memory for it.
template <class Make>
auto if_there_is_room(Make&& make) -> std::optional<decltype(make())> {
  try {
    return make();
  } catch (const HostLimit&) {
    return std::nullopt;
  } catch (const std::bad_alloc&) {
    return std::nullopt;
  }
}

}  // namespace

std::uint64_t Prompt::number(const std::string& word, std::string_view of) const {
  const bool hex = word.starts_with("0x");
  const char* const begin = word.data() + (hex ? 2 : 0);
  const char* const end = word.data() + word.size();
  std::uint64_t value = 0;
  const auto [stop, error] = std::from_chars(begin, end, value, hex ? 16 : 10);
  if (error != std::errc() || stop != end) throw Mistake{fmt::format("`{}` is not {}", printable(word), of)};
  return value;
}

ProcSlot Prompt::process(const std::string& name) const {
  std::vector<std::string> names;
  for (const ProcSlot slot : state().processes()) {
    names.push_back(state().process(slot).name);
    if (names.back() == name) return slot;
  }
  const std::vector<std::string_view> known(names.begin(), names.end());
  throw Mistake{fmt::format("there is no process `{}` now{}", printable(name), did_you_mean(name, known))};
}

std::string Prompt::statement_text(const Statement& statement) const {
  return replay_.session().sources().shown(statement.place, statement.end);
}

std::string Prompt::performed_text() const {
  return fmt::format("{}  {}", place_text(performed_->place), statement_text(*performed_));
}

std::string Prompt::place_text(Place place) const {
  const Sources::Position at = replay_.session().sources().find(place);
  const std::string_view path = replay_.session().sources().name(at.file);
  if (path == "<typed>") return std::string(path);
  return fmt::format("{}:{}", path.substr(path.rfind('/') + 1), at.line);
}

void Prompt::write(View view, std::span<const ProcSlot> only) {
  write_view(out_, view, state(), replay_.run().samples(), only);
}

// A text of our own, fitted to the width; its further lines stand farther in.
void Prompt::say(std::string_view text, std::size_t indent) {
  if (text.find('\n') != std::string_view::npos) return out_.write(fmt::format("{}\n", text));  // lines with a caret
  out_.write(paragraph(std::string(indent, ' '), text, kFartherIn, out_.width()));
}

// What belongs together stays in one line: `refs 1 -> 2`.
void Prompt::say_parts(std::string text, std::size_t indent) {
  constexpr char kHeld = '\x1f';  // a blank where no line ends; nothing printable has it
  for (std::size_t i = 1; i < text.size(); ++i) {
    if (text[i] == ' ' && text[i - 1] != ',' && text[i - 1] != ':') text[i] = kHeld;
  }
  std::string lines = paragraph(std::string(indent, ' '), text, kFartherIn, out_.width());
  std::ranges::replace(lines, kHeld, ' ');
  out_.write(lines);
}

// The rows as they are; none where the host has no memory for them.
std::optional<Moment> Prompt::now() const {
  return if_there_is_room([this] { return Moment(state()); });
}

const Moment& Prompt::before() const {
  if (!before_) throw Mistake{"this host had no memory to keep the rows from before the last move"};
  return *before_;
}

void Prompt::write_changes(std::size_t most) {
  const Moment& from = before();
  const auto lines = if_there_is_room([&] { return change_texts(Changes(from, Moment(state())), state()); });
  if (!lines) throw Mistake{"this host has no memory to compare the rows with those from before the last move"};
  for (std::size_t i = 0; i < std::min(lines->size(), most); ++i) say_parts((*lines)[i], kIndent);
  if (lines->size() > most) say(fmt::format("and {} more: `changes`", lines->size() - most), kIndent);
}

// Lines of one file, the next statement marked.
void Prompt::list(Words words, const std::string&) {
  const Sources& sources = replay_.session().sources();
  const Statement* const next = replay_.next();
  const auto& mistake = replay_.run().mistake();
  const Sources::Position at = next != nullptr ? sources.find(next->place)
                               : mistake       ? sources.find(mistake->place)
                                               : Sources::Position{};
  const std::size_t file = words.empty() ? at.file : 0;
  std::string_view rest = sources.text(file);
  const auto lines = static_cast<std::uint64_t>(std::ranges::count(rest, '\n')) + (rest.ends_with('\n') ? 0u : 1u);
  const std::uint64_t middle = !words.empty() ? number(words.front(), "a line") : at.line != 0 ? at.line : lines;
  if (middle == 0 || middle > lines) throw Mistake{fmt::format("the script has lines 1 to {}", lines)};
  const std::uint64_t first = middle > kLinesListed / 2 ? middle - kLinesListed / 2 : 1;
  for (std::uint64_t line = 1; line <= lines && line < first + kLinesListed; ++line) {
    const std::string_view text = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(std::min(text.size() + 1, rest.size()));
    const bool here = next != nullptr && at.file == file && at.line == line;
    if (line >= first) out_.write(fmt::format("{} {:>5}  {}\n", here ? "=>" : "  ", line, printable_lines(text)));
  }
}

void Prompt::print(Words, const std::string& rest) {
  const auto expression = replay_.expression(rest, true);
  if (!expression) throw Mistake{expression.error()};
  try {
    out_.write(fmt::format("{}\n", text(replay_.run().evaluator().value(expression->expr))));
  } catch (const Diagnostic& mistake) {
    throw Mistake{mistake.what};
  }
}

void Prompt::processes(Words, const std::string&) { write(View::Processes); }
void Prompt::swap(Words, const std::string&) { write(View::Swap); }
void Prompt::map(Words, const std::string&) { write(View::Map); }
void Prompt::free(Words, const std::string&) { write(View::Freelist); }

void Prompt::space(Words words, const std::string&) {
  const std::array only{process(words.front())};
  write(View::Pregions, only);
  out_.write("\n");
  write(View::Pages, only);
}

void Prompt::region(Words words, const std::string&) {
  const std::uint64_t id = number(words.front(), "a region");
  const auto row = state().region(id);
  if (!row) throw Mistake{fmt::format("there is no region {} now", id)};
  write_rows(out_, pick(kRegionColumns, {"id", "type", "refs", "pages", "valid", "program"}),
             [&](const Visit<RegionRow>& visit) { visit(*row); });
  out_.write("\n");
  write_rows(out_, pick(kPageColumns, {"page", "flags", "frame", "refs", "age", "disk"}),
             [&](const Visit<PageRow>& visit) { state().pages(row->id, visit); });
}

// A location in a process as the language writes it; an address may lack its `@`.
Replay::Located Prompt::located(const std::string& name, const std::string& location) const {
  if (state().process(process(name)).state == ProcessState::Zombie)
    throw Mistake{fmt::format("{} is a zombie: it has no pages", name)};
  const bool address = !location.empty() && std::isdigit(static_cast<unsigned char>(location.front())) != 0;
  auto found = replay_.location(name, (address ? "@" : "") + location);
  if (!found) throw Mistake{found.error()};
  return std::move(*found);
}

PageId Prompt::page_at(ProcSlot slot, const Location& where, const std::string& location) const {
  const Evaluator& evaluator = replay_.run().evaluator();
  std::optional<PageId> found;
  if (where.kind == LocationKind::Page) {
    const RegionId region = evaluator.pregion(replay_.run().kernel().space(slot), where.region).region;
    const std::uint64_t page = evaluator.count(where.first, "the page");
    if (page < state().region(region.value)->pages) found = PageId{region, static_cast<std::uint32_t>(page)};
  } else {
    found = state().find(slot, evaluator.byte_address(slot, where));
  }
  if (!found) throw Mistake{fmt::format("{} has no page at {}", state().process(slot).name, printable(location))};
  return *found;
}

void Prompt::page_entry(Words words, const std::string& rest) {
  const std::string location = behind(words[0], rest);
  const Replay::Located located_at = located(words[0], location);
  try {
    const PageId found = page_at(process(words[0]), *located_at.walk->where, location);
    const PageRow row = state().page(found.region.value, found.page, false);
    out_.write(fmt::format("region {} page {}\n", row.region, row.page));
    write_fields(out_, kPageColumns, row);
  } catch (const Diagnostic& mistake) {
    throw Mistake{mistake.what};
  }
}

void Prompt::walk(Words words, const std::string& rest) { write_walk_of(words[0], behind(words[0], rest)); }

void Prompt::write_walk_of(const std::string& name, const std::string& location) {
  const Replay::Located found = located(name, location);
  try {
    write_walk(out_, replay_.run().walk(*found.walk));
  } catch (const Diagnostic& mistake) {
    throw Mistake{mistake.what};
  }
}

void Prompt::frame(Words words, const std::string&) {
  const std::uint64_t number_of = number(words.front(), "a frame");
  if (number_of >= state().frames_total())
    throw Mistake{fmt::format("there are frames 0 to {}", state().frames_total() - 1)};
  const FrameRow row = state().frame(static_cast<std::uint32_t>(number_of));
  out_.write(fmt::format("frame {}\n", row.frame));
  write_fields(out_, kFrameColumns, row);
  std::map<std::uint32_t, std::string> users;  // by region
  for (const ProcSlot slot : state().processes()) {
    state().pregions(slot, [&](const PregionRow& pregion) {
      std::string& text = users[pregion.region];
      text += fmt::format("{}{} {}", text.empty() ? "" : ", ", state().process(slot).name, pregion.name);
    });
  }
  state().regions([&](const RegionRow& region) {
    state().pages(region.id, [&](const PageRow& page) {
      if (page.frame != row.frame) return;
      const std::string& by = users[region.id];
      say(fmt::format("mapped by region {} page {} ({})", region.id, page.page,
                      by.empty() ? std::string(name(region.type)) : by),
          2);
    });
  });
}

void Prompt::counters(Words words, const std::string&) {
  if (words.empty()) return write(View::Counters);
  if (words.front() != "diff") throw Mistake{"usage: counters [diff]"};
  const std::vector<NumberRow>& then = before().counters;
  out_.write(fmt::format("from step {} to step {}\n", step_before_, replay_.step()));
  std::vector<NumberRow> now = state().counters();
  std::ranges::sort(now, {}, &NumberRow::key);
  HostShare share;
  for (const Change<NumberRow>& change : difference(then, now, share))
    out_.write(fmt::format("  {:<24}{:>10} -> {}\n", change.after->name, change.before->value, change.after->value));
}

void Prompt::show_view(Words words, const std::string& rest) {
  const auto view = std::ranges::find(view_words(), std::string_view(words.front()));
  if (view == view_words().end()) {
    const std::vector<std::string_view> known(view_words().begin(), view_words().end());
    throw Mistake{fmt::format("there is no view `{}`{}", printable(words.front()), did_you_mean(words.front(), known))};
  }
  if (static_cast<View>(view - view_words().begin()) == View::Walk) {
    if (words.size() < 3) throw Mistake{"usage: show walk P LOCATION"};
    return write_walk_of(words[1], behind(words[1], behind(words[0], rest)));
  }
  std::vector<ProcSlot> only;
  for (const std::string& each : words.subspan(1)) only.push_back(process(each));
  write(static_cast<View>(view - view_words().begin()), only);
}

void Prompt::why(Words, const std::string&) {
  if (performed_ == nullptr) return out_.write("nothing has been done yet\n");
  say(performed_text());
  for (const Event& event : events_) say(event_text(event, state()), kIndent);
  for (const std::string& line : said_) say(fmt::format("it said: {}", line), kIndent);
  const auto& mistake = replay_.run().mistake();
  if (begun_ && mistake)
    say(mistake->what, kIndent);
  else if (events_.empty() && said_.empty())
    say(waits_.empty() ? "the kernel had nothing to do"
                       : fmt::format("{} is preempted, so this waits until it runs again", waits_),
        kIndent);
}

// Rows that the last move changed are marked.
void Prompt::draw(Words words, const std::string&) {
  const std::string path = words.empty() ? fmt::format("step-{}.svg", replay_.step()) : words.front();
  const std::string format = path.substr(path.rfind('.') + 1);
  if (format != "svg" && format != "png" && format != "dot")
    throw Mistake{fmt::format("`{}` ends neither in .svg nor in .png nor in .dot", printable(path))};
  if (replay_.session().reads(path)) throw Mistake{fmt::format("{}: the script is read from it", printable(path))};
  const Moment now(state());
  HostShare share(budget_.get());
  const Moment* const then = before_ && step_before_ < replay_.step() ? &*before_ : nullptr;
  share.commit(drawing_bytes(now) + (then == nullptr ? 0 : drawing_bytes(*then)));
  const Subject subject{.title = replay_.run().script().title, .caption = {fmt::format("step {}", replay_.step())}};
  std::string drawing = tables_drawing(subject, Scene{.now = now, .before = then});
  if (format != "dot") {
    auto picture = laid_out(drawing, format);
    if (!picture) throw Mistake{picture.error()};
    drawing = std::move(*picture);
  }
  const auto file = OutputFile::create(path);
  if (!file) throw Mistake{printable(file.error())};
  try {
    (*file)->write(drawing);
  } catch (const OutputError& error) {
    throw Mistake{error.what()};
  }
  if (const std::string trouble = (*file)->finish(); !trouble.empty()) throw Mistake{printable(trouble)};
  out_.write(fmt::format("{}\n", printable(path)));
}

void Prompt::changes(Words, const std::string&) { write_changes(std::numeric_limits<std::size_t>::max()); }

}  // namespace bachsim
