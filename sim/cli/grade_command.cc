// bachsim grade SHEET...: marks what students have handed in.
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <memory>

#include "sim/cli/grade.h"
#include "sim/cli/sheets.h"
#include "sim/sheet/marks.h"
#include "workloads/textbook/textbook.h"

namespace bachsim {
namespace {

constexpr const char* kTooLongToMark = "it is longer than what anybody hands in";

std::expected<std::string, std::string> read_to_end(int descriptor) {
  std::string text;
  std::array<char, 1u << 16> buffer;
  for (;;) {
    const ssize_t count = read_some(descriptor, buffer);
    if (count < 0) return std::unexpected(std::strerror(errno));
    if (count == 0) return text;
    text.append(buffer.data(), static_cast<std::size_t>(count));
    if (text.size() > kMostSheetBytes) return std::unexpected(kTooLongToMark);
  }
}

// Why a text is none that a person has typed into a sheet; empty if it may be one.
std::string trouble_with_format(std::string_view text) {
  if (text.empty()) return "it is empty";
  if (text.starts_with("\xFF\xFE") || text.starts_with("\xFE\xFF")) return "it is UTF-16; save it as UTF-8";
  if (text.starts_with("PK\x03\x04"))
    return "it is a document of a word processor or an archive; save it as plain text";
  if (text.starts_with("%PDF")) return "it is a PDF; sheets are handed in as plain text";
  if (text.starts_with("{\\rtf")) return "it is rich text; save it as plain text";
  if (text.find('\0') != std::string_view::npos) return "it is no text";
  if (text.starts_with("<!DOCTYPE") || text.starts_with("<html") || text.starts_with("<?xml"))
    return "it is a page; a sheet is handed in as text or Markdown";
  return {};
}

// Marks the sheets of one file, whose sessions live as long as it does.
class FileOfSheets {
 public:
  FileOfSheets(std::string name, const GradeChoices& choices)
      : name_(std::move(name)), choices_(choices), color_(use_color(choices.color, STDERR_FILENO)) {}

  // A mark for each sheet; what cannot be read has gone to standard error.
  std::vector<MarkedSheet> grade(const std::string& path) {
    auto text = read_handed_in(path);
    if (!text) {
      complain(fmt::format("{}: {}", path, text.error()));
      return {{.file = name_}};
    }
    const std::size_t source = sources_.add(name_, std::move(*text));
    std::vector<Part> parts;
    for (const SheetRange& range : find_sheets(sources_, source)) {
      parts.push_back({.range = range});
      make(parts.back());
    }
    std::vector<MarkedSheet> marked;
    for (std::size_t i = 0; i < parts.size(); ++i) {
      marked.push_back(mark(parts[i], i + 1 < parts.size() ? parts[i + 1].title : ""));
    }
    return marked;
  }

 private:
  struct Part {
    SheetRange range{};
    std::unique_ptr<Session> session{};  // the sheet's expressions are its script's
    std::string title{};                 // that stands above its head, if there is such a script
    std::optional<Sheet> sheet{};        // with its answers; none: it cannot be made
  };

  // Makes a sheet anew, as its head says.
  void make(Part& part) {
    const auto head = find_head(sources_, part.range);
    if (!head) return refuse(head.error());
    const auto scripts = textbook_scripts();
    const auto script = std::ranges::find(scripts, head->name, &TextbookScript::name);
    if (script == scripts.end()) {
      std::vector<std::string_view> known;
      for (const TextbookScript& each : scripts) known.push_back(each.name);
      return refuse(
          {head->name_place, fmt::format("the textbook has no `{}`{}", head->name, did_you_mean(head->name, known))});
    }
    part.session = std::make_unique<Session>(fmt::format("{}.bach", script->name), std::string(script->text), color_);
    part.title = part.session->script().title;
    if (std::ranges::find(names_, head->name) != names_.end())
      return refuse({head->name_place, fmt::format("the file has another sheet of `{}` above this one", head->name)});
    names_.push_back(head->name);
    try {
      make_sheet(part, *head);
    } catch (const HostLimit& limit) {
      refuse({head->name_place, limit.what()});
    } catch (const std::bad_alloc&) {
      refuse({head->name_place, "this host has no memory left for the sheet"});
    }
  }

  void make_sheet(Part& part, const FilledHead& head) {
    const StageChoices stage{.settings = head.settings, .definitions = head.definitions, .seed = head.seed};
    const Diagnostic not_made{head.name_place, "the sheet of this name with these options cannot be made"};
    if (!part.session->configure(stage)) return refuse(not_made);
    auto sheet = sheet_of(*part.session, head_of(head.name, stage), true, {.max_steps = choices_.max_steps});
    if (!sheet) return refuse(not_made);
    part.sheet = std::move(*sheet);
  }

  MarkedSheet mark(const Part& part, std::string_view next_title) {
    MarkedSheet marked{.file = name_};
    if (!part.sheet) return marked;
    const Filled filled = read_filled(sources_, part.range, *part.sheet, next_title);
    if (filled.found == 0) {
      refuse({Place{sources_.start(part.range.file).offset + static_cast<std::uint32_t>(part.range.begin)},
              "none of the sheet's lines to be filled in is here"});
      return marked;
    }
    marked = mark_sheet(*part.sheet, filled);
    marked.file = name_;
    marked.troubles += filled.troubles.size();
    std::vector<Diagnostic> unclear = filled.troubles;
    for (const Marked& one : marked.blanks) {
      if (one.mark == Mark::Unclear) unclear.push_back({one.place, one.reason});
    }
    std::ranges::sort(unclear, {}, [](const Diagnostic& each) { return each.place.offset; });
    print_errors(sources_, unclear, color_, "unclear");
    return marked;
  }

  void refuse(const Diagnostic& trouble) { print_errors(sources_, {trouble}, color_); }

  std::string name_;
  const GradeChoices& choices_;
  bool color_;
  Sources sources_{};
  std::vector<std::string> names_{};  // of the scripts whose sheets were found
};

}  // namespace

std::expected<std::string, std::string> read_handed_in(const std::string& path) {
  const int descriptor = path == "-" ? dup(STDIN_FILENO) : open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (descriptor < 0) return std::unexpected(std::strerror(errno));
  struct stat status {};
  if (path != "-" && (fstat(descriptor, &status) != 0 || !S_ISREG(status.st_mode))) {
    close(descriptor);
    return std::unexpected("it is no plain file");
  }
  auto text = read_to_end(descriptor);
  close(descriptor);
  if (!text) return text;
  if (std::string trouble = trouble_with_format(*text); !trouble.empty()) return std::unexpected(std::move(trouble));
  // Lines as any system ends them.
  std::string lines;
  for (std::size_t i = 0; i < text->size(); ++i) {
    const bool cr = (*text)[i] == '\r';
    if (cr && i + 1 < text->size() && (*text)[i + 1] == '\n') continue;
    lines += cr ? '\n' : (*text)[i];
  }
  return lines;
}

std::expected<int, std::string> grade_sheets(const std::vector<std::string>& files, const GradeChoices& choices,
                                             OutputFile& output) {
  std::vector<MarkedSheet> handed_in;
  int worst = kOk;
  for (const std::string& file : files) {
    const std::vector<MarkedSheet> sheets = FileOfSheets(file == "-" ? "<stdin>" : file, choices).grade(file);
    handed_in.push_back(together(sheets));
    const MarkedSheet& whole = handed_in.back();
    const bool unclear = whole.unread > 0 || whole.troubles > 0 || whole.count(Mark::Unclear) > 0;
    const bool full = whole.count(Mark::Right) == whole.blanks.size();
    worst = std::max(worst, unclear ? kUserError : full ? kOk : kExpectationFailed);
    for (const MarkedSheet& sheet : sheets) {
      if (choices.csv || !sheet.readable()) continue;
      output.separate();
      output.write(marks_text(sheet, output.width()));
    }
  }
  output.separate();
  if (choices.csv)
    output.write(class_csv(handed_in));
  else if (files.size() > 1)
    output.write(class_text(handed_in, output.width()));
  return worst;
}

int grade_command(const Arguments& arguments) {
  GradeChoices choices;
  Options options;
  options.file("with", "FILE", "grade scripts by the expectations of FILE, in place of sheets", choices.with);
  options.flag("csv", "print the table of marks, as comma-separated values, and nothing else", choices.csv);
  options.output(choices.output);
  options.file("include-root", "DIR",
               "with --with: let submissions include files of DIR and below; else they include none",
               choices.include_root);
  options.count("max-steps", "stop a run after N statements (default: 10^7)", choices.max_steps);
  options.count("max-seconds", "with --with: stop a submission after N seconds of the processor (default: 10)",
                choices.max_seconds);
  options.color(choices.color, "`auto`, `always` or `never`: color errors");
  const auto files =
      options.parse(arguments, "bachsim grade [OPTION ...] FILE ...",
                    "Marks sheets that `bachsim textbook NAME --questions` printed and that were filled in,\n"
                    "or, with --with, scripts.");
  if (!files) return files.error();
  if (files->empty()) return complain("grade wants what was handed in; `bachsim grade --help` tells more");
  if (choices.with.empty() && !choices.include_root.empty())
    return complain("--include-root is for scripts: it wants --with");
  if (choices.with.empty() && choices.max_seconds != GradeChoices{}.max_seconds)
    return complain("--max-seconds is for scripts: it wants --with");
  if (std::ranges::count(*files, "-") + (choices.with == "-" ? 1 : 0) > 1)
    return complain("`-` is standard input, which is read once");
  const auto read = [&choices](const std::string& file) { return same_file(choices.output, file); };
  if (std::ranges::any_of(*files, read) || read(choices.with))
    return complain(fmt::format("{}: what is graded is read from it", choices.output));
  const auto output = OutputFile::create(choices.output);
  if (!output) return complain(output.error());
  const auto status =
      choices.with.empty() ? grade_sheets(*files, choices, **output) : grade_submissions(*files, choices, **output);
  if (!status) return complain(status.error());
  return finished(*status, (*output)->finish());
}

}  // namespace bachsim
