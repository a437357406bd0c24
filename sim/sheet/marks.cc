#include "sim/sheet/marks.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>
#include <ranges>

#include "sim/report/table.h"
#include "sim/sheet/sheet_forms.h"
#include "workloads/language/characters.h"

namespace bachsim {
namespace {

constexpr std::size_t kLongestAnswer = 24;

std::string points_text(const MarkedSheet& sheet) {
  return fmt::format("{} of {}", sheet.count(Mark::Right), count_text(sheet.blanks.size(), "point"));
}

std::string unread_text(const MarkedSheet& sheet) {
  return fmt::format("{} of the file cannot be read", count_text(sheet.unread, "sheet"));
}

// Heads that several sheets have: the same numbers for two.
std::vector<std::string> shared_heads(const std::vector<MarkedSheet>& sheets) {
  std::map<std::string, std::size_t> heads;
  for (const MarkedSheet& sheet : sheets) {
    if (sheet.readable()) ++heads[sheet.head];
  }
  std::vector<std::string> shared;
  for (const auto& [head, count] : heads) {
    if (count > 1) shared.push_back(fmt::format("{} sheets have the same numbers: {}", count, head));
  }
  return shared;
}

}  // namespace

std::size_t MarkedSheet::count(Mark mark) const {
  return static_cast<std::size_t>(std::ranges::count(blanks, mark, &Marked::mark));
}

std::size_t MarkedSheet::to_read() const {
  return static_cast<std::size_t>(std::ranges::count_if(words, [](const auto& each) { return !each.second.empty(); }));
}

MarkedSheet mark_sheet(const Sheet& sheet, const Filled& filled) {
  MarkedSheet marked{.student = filled.student, .head = text(sheet.head)};
  const std::vector<const Question*> questions = sheet.questions();
  for (std::size_t q = 0; q < questions.size(); ++q) {
    const Question& question = *questions[q];
    if (question.blanks.empty()) marked.words.emplace_back(question.number, filled.in_words[q]);
    for (std::size_t b = 0; b < question.blanks.size(); ++b) {
      const Blank& blank = question.blanks[b];
      if (blank.answers.empty()) continue;
      const auto& written = filled.blanks[q][b];
      Marked one{
          .question = question.number, .asks = blank.asks, .right = answers_text(blank), .reason = reason_text(blank)};
      if (written) {
        one.place = written->place;
        Judgement judgement = judge(written->text, blank);
        one.mark = judgement.mark;
        one.written = one.mark == Mark::Missing ? "" : printable(written->text);
        if (one.mark == Mark::Unclear) one.reason = std::move(judgement.trouble);
      } else {
        one.reason = "its line is not on the sheet";
      }
      marked.blanks.push_back(std::move(one));
    }
  }
  return marked;
}

MarkedSheet together(const std::vector<MarkedSheet>& sheets) {
  MarkedSheet whole = sheets.front();
  for (const MarkedSheet& sheet : sheets | std::views::drop(1)) {
    if (whole.student.empty()) whole.student = sheet.student;
    if (!whole.head.empty() && sheet.readable()) whole.head += ", ";
    whole.head += sheet.head;
    whole.blanks.insert(whole.blanks.end(), sheet.blanks.begin(), sheet.blanks.end());
    whole.troubles += sheet.troubles;
    whole.unread += sheet.readable() ? 0U : 1U;
    whole.words.insert(whole.words.end(), sheet.words.begin(), sheet.words.end());
  }
  whole.unread += sheets.front().readable() ? 0U : 1U;
  return whole;
}

std::string marks_text(const MarkedSheet& marked, std::size_t width) {
  std::string head =
      fmt::format("{}: {}{}", printable(marked.file), printable(marked.student), marked.student.empty() ? "" : ", ");
  if (!marked.readable()) return fmt::format("{}cannot be read\n", head);
  head += fmt::format("{}: {}\n", marked.head, points_text(marked));
  Table table({{"QUESTION", Align::Right},
               {"MARK", Align::Left},
               {"POINTS", Align::Right},
               {"WRITTEN", Align::Left},
               {"RIGHT", Align::Left},
               {"ASKED, AND WHY IT IS SO", Align::Whole}},
              width);
  for (const Marked& one : marked.blanks) {
    const bool right = one.mark == Mark::Right;
    const std::string reason = right || one.reason.empty() ? "" : ": " + one.reason;
    table.add({fmt::format("{}", one.question), std::string(name(one.mark)), right ? "1" : "0",
               shortened(one.written, kLongestAnswer), right ? "" : one.right, one.asks + reason});
  }
  std::string text = head + table.text();
  for (const auto& [number, words] : marked.words) {
    text += fmt::format("\nQuestion {}, {}\n", number, words.empty() ? "in words: nothing is written." : "to be read:");
    for (std::size_t begin = 0; begin < words.size();) {
      const std::size_t end = std::min(words.find('\n', begin), words.size());
      text += paragraph("    ", printable(words.substr(begin, end - begin)), width);
      begin = end + 1;
    }
  }
  return text;
}

// The folder that all files are in, with the `/` behind it; empty where there is none.
std::string_view folder_of_all(const std::vector<MarkedSheet>& sheets) {
  std::string_view folder = sheets.front().file;
  for (const MarkedSheet& sheet : sheets) {
    const auto differs = std::ranges::mismatch(folder, sheet.file);
    folder = folder.substr(0, static_cast<std::size_t>(differs.in1 - folder.begin()));
  }
  return folder.substr(0, folder.rfind('/') + 1);
}

std::string class_text(const std::vector<MarkedSheet>& sheets, std::size_t width) {
  Table table({{"FILE", Align::Left},
               {"NAME", Align::Left},
               {"POINTS", Align::Right},
               {"WRONG", Align::Right},
               {"MISSING", Align::Right},
               {"UNCLEAR", Align::Right},
               {"TO READ", Align::Right},
               {"SHEET", Align::Whole}},
              width);
  const std::size_t folder = folder_of_all(sheets).size();
  std::size_t points = 0;
  std::size_t most = 0;
  std::size_t readable = 0;
  for (const MarkedSheet& sheet : sheets) {
    const auto number = [&](Mark mark) { return fmt::format("{}", sheet.count(mark)); };
    const std::string file = printable(std::string_view(sheet.file).substr(folder));
    const std::string student = printable(sheet.student);
    if (!sheet.readable()) {
      table.add({file, student, "-", "-", "-", "-", "-", "cannot be read"});
      continue;
    }
    table.add({file, student, fmt::format("{}/{}", sheet.count(Mark::Right), sheet.blanks.size()), number(Mark::Wrong),
               number(Mark::Missing), number(Mark::Unclear), fmt::format("{}", sheet.to_read()),
               sheet.unread == 0 ? sheet.head : fmt::format("{}; {}", sheet.head, unread_text(sheet))});
    points += sheet.count(Mark::Right);
    most += sheet.blanks.size();
    ++readable;
  }
  std::string text = table.text();
  if (readable > 0) {
    const auto mean = [readable](std::size_t sum) { return static_cast<double>(sum) / static_cast<double>(readable); };
    text += fmt::format("\n{} read, on average {:.1f} of {:.1f} points\n", count_text(readable, "sheet"), mean(points),
                        mean(most));
  }
  for (const std::string& line : shared_heads(sheets)) text += line + "\n";
  return text;
}

std::string csv_cell(std::string_view text) {
  std::string cell = printable(text);
  constexpr std::string_view kComputes = "=+-@";
  if (!cell.empty() && kComputes.find(cell.front()) != std::string_view::npos) cell.insert(0, "'");
  if (cell.find_first_of(",\"\n") == std::string::npos) return cell;
  std::string quoted;
  for (const char c : cell) quoted += c == '"' ? "\"\"" : std::string(1, c);
  return fmt::format("\"{}\"", quoted);
}

std::string class_csv(const std::vector<MarkedSheet>& sheets) {
  std::string csv = "file,name,sheet,right,wrong,missing,unclear,to_read,points,of,remark\n";
  for (const MarkedSheet& sheet : sheets) {
    const std::string names =
        fmt::format("{},{},{}", csv_cell(sheet.file), csv_cell(sheet.student), csv_cell(sheet.head));
    if (!sheet.readable()) {
      csv += fmt::format("{},,,,,,,,cannot be read\n", names);
      continue;
    }
    csv += fmt::format("{},{},{},{},{},{},{},{},{}\n", names, sheet.count(Mark::Right), sheet.count(Mark::Wrong),
                       sheet.count(Mark::Missing), sheet.count(Mark::Unclear), sheet.to_read(),
                       sheet.count(Mark::Right), sheet.blanks.size(), sheet.unread == 0 ? "" : unread_text(sheet));
  }
  return csv;
}

}  // namespace bachsim
