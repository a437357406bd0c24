// The forms of a sheet: text, Markdown and HTML, which people read, and Moodle's XML, for a question bank.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "sim/sheet/sheet.h"

namespace bachsim {

struct SheetChoice {
  bool answers = false;   // those of the run in the blanks, with their reasons; else blanks
  std::size_t hints = 0;  // of each question so many
};

// An answer as it is written on a sheet: `swap:1:64`, `yes`, `no frame`.
[[nodiscard]] std::string answer_text(const Blank& blank, const Field& value);
// All that a blank wants, separated by commas; `-` where the run has not come by.
[[nodiscard]] std::string answers_text(const Blank& blank);
// Behind the values of a blank, why they are these; empty if nobody can tell.
[[nodiscard]] std::string reason_text(const Blank& blank);

// Prose in pieces: what stands between two backquotes is code, and they are not part of it.
struct ProsePiece {
  std::string_view text;
  bool is_code = false;
};
[[nodiscard]] std::vector<ProsePiece> pieces_of(std::string_view prose);

// What grading reads again: names, seeds and blanks are marked so that it finds them.
[[nodiscard]] std::string sheet_text(const Sheet& sheet, const SheetChoice& choice);
[[nodiscard]] std::string sheet_markdown(const Sheet& sheet, const SheetChoice& choice);

// A page that needs nothing else, to be looked at and printed.
[[nodiscard]] std::string sheet_html(const Sheet& sheet, const SheetChoice& choice);

// A question bank for Moodle's import of XML: each sheet is a category with one question of embedded answers, and one
// essay for each question that is answered in words. It always has the answers.
[[nodiscard]] std::string moodle_xml(const std::vector<Sheet>& sheets, const SheetChoice& choice);

// Words that all forms have.
inline constexpr std::string_view kSheetWord = "Sheet:";
inline constexpr std::string_view kNameWord = "Name:";
inline constexpr std::string_view kAnswerWord = "Answer:";
inline constexpr std::string_view kBlankWord = "____";
inline constexpr std::string_view kTaskWords = "Task";
inline constexpr std::string_view kReadingWords = "Reading the lines";
inline constexpr std::string_view kFormatWords = "How to answer";
inline constexpr std::string_view kPartsWords = "What happens, and questions";

}  // namespace bachsim
