// Text in DOT, the language of Graphviz, which lays drawings out: tables whose rows arrows lead from and to.
//
// Colors are those of Okabe and Ito, which color-blind readers tell apart. None means anything alone: arrows differ in
// their lines too, and marked rows say in a word what they are.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace bachsim {

inline constexpr std::string_view kBlue = "#0072B2";
inline constexpr std::string_view kVermilion = "#D55E00";
inline constexpr std::string_view kGreen = "#007A5A";  // the palette's, darker, so that thin lines can be seen
inline constexpr std::string_view kPurple = "#A34C80";
inline constexpr std::string_view kGray = "#666666";

// Of a long name a drawing has about so many copies while it is made: in rows, headings and the text, which grows by
// doubling.
inline constexpr std::uint64_t kCopiesOfName = 16;

// A text in an HTML-like label: markup escaped, and what is no printable character as `\x1b`.
[[nodiscard]] std::string label_text(std::string_view text);
// A text as a quoted ID, with its quotes.
[[nodiscard]] std::string dot_string(std::string_view text);
// A text in a font of its own.
[[nodiscard]] std::string bold_label(std::string_view text);
[[nodiscard]] std::string small_label(std::string_view text, std::string_view color = kGray);

// How a row differs from the moment before.
enum class ChangeMark : std::uint8_t { None, New, Changed, Gone };
[[nodiscard]] std::string_view mark_word(ChangeMark mark);
[[nodiscard]] std::string_view mark_color(ChangeMark mark);  // behind the row's cells

struct DrawnRow {
  std::string port;                // arrows to the row come to `port`, arrows from it leave from `port_`; empty: none
  std::vector<std::string> cells;  // plain text
  std::vector<bool> changed{};     // [cell]; empty: none
  ChangeMark mark = ChangeMark::None;
  bool dim = false;  // there, but not the point
};

// Cells of one heading above others.
struct HeadingGroup {
  std::string heading;
  std::size_t columns;
};

struct DrawnTable {
  std::string node;
  std::string title;
  std::vector<HeadingGroup> groups{};  // none: no line of them
  std::vector<std::string> headings{};
  std::vector<bool> left{};  // [column]: aligned to the left
  std::vector<DrawnRow> rows{};
};

enum class Line : std::uint8_t { Attached, Names, ToFrame, ToSwap, Cached, Step, Index, Fork, Vfork };

// A drawing that grows. Nodes that have no rank of their own stand where their arrows put them.
class Dot {
 public:
  enum class Direction : std::uint8_t { LeftToRight, TopToBottom };

  // `title` names the drawing; lines of `caption`, plain text, stand below the title.
  Dot(std::string_view title, const std::vector<std::string>& caption, Direction direction);

  void table(const DrawnTable& table);
  // A node with an HTML-like label.
  void node(std::string_view name, std::string_view label);
  // Nodes of one column (of one row, from top to bottom), in their order.
  void rank(const std::vector<std::string>& nodes);
  // More room between columns, for many arrows.
  void spread() { text_ += "  graph [ranksep=1.6]\n"; }
  // Nodes of one column (of one row), in the order that makes arrows cross least.
  void column(const std::vector<std::string>& nodes);
  // Says what marks mean, where no table has said so.
  void explain_marks(bool marked) { marks_ = marks_ || marked; }
  // Two nodes of one rank, which arrows put in their order.
  void same_rank(std::string_view a, std::string_view b);
  // `from` and `to`: NODE, or NODE:PORT:SIDE
  void arrow(std::string_view from, std::string_view to, Line line, std::string_view attributes = {});
  // An arrow that nobody sees, which puts `to` behind `from`.
  void behind(std::string_view from, std::string_view to);
  // A node that is words above others. (A frame around these would be a cluster, in which Graphviz changes their
  // order.)
  void heading(std::string_view name, std::string_view text);
  // What the kinds of arrows that were drawn mean goes below the drawing.
  [[nodiscard]] std::string finish();

 private:
  std::string text_;
  std::vector<std::string> caption_;
  std::string title_;
  std::vector<bool> lines_;  // [Line] was drawn
  bool marks_ = false;
};

}  // namespace bachsim
