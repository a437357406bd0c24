// `preset`, which puts a table into the state that a figure starts from.
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "sim/state/column.h"
#include "workloads/language/grammar.h"

namespace bachsim {

void Grammar::preset() {
  take_the_stage();
  auto* const body = script_.arena.make<PresetBody>();
  if (accept(Word::Pfdata)) {
    PresetPfdata pfdata{.frame = sum(), .disk = {}};
    if (!at(TokenKind::Name) || text_of(token_) != "disk") expected("`disk=`");
    take();
    pfdata.disk = preset_disk(true);
    *body = pfdata;
  } else if (at(TokenKind::Name) && text_of(token_) == "freelist") {
    take();
    std::vector<const Expr*> frames;
    do {
      frames.push_back(sum());
    } while (!at_line_end());
    *body = PresetFreelist{script_.arena.keep(frames)};
  } else {
    *body = preset_page();
  }
  add(PresetStatement{body});
}

PresetBody Grammar::preset_page() {
  if (at(TokenKind::Name) && is_word(token_.symbol)) expected("a process's name, `pfdata` or `freelist`");
  PresetPage page{.process = process_ref(), .where = {}};
  location(page.where);
  if (page.where.kind == LocationKind::Pages || page.where.kind == LocationKind::AllPages)
    fail(page.where.place, "a preset is of one page");
  do {
    preset_attribute(page);
  } while (!at_line_end());
  return page;
}

void Grammar::preset_attribute(PresetPage& page) {
  const std::array flags{std::pair{std::string_view("valid"), &page.valid},
                         std::pair{std::string_view("invalid"), &page.invalid},
                         std::pair{std::string_view("cow"), &page.cow},
                         std::pair{std::string_view("writable"), &page.writable},
                         std::pair{std::string_view("referenced"), &page.referenced},
                         std::pair{std::string_view("modified"), &page.modified}};
  const std::string_view word = at(TokenKind::Name) ? text_of(token_) : std::string_view();
  const auto flag = std::ranges::find(flags, word, [](const auto& each) { return each.first; });
  const bool given = flag != flags.end() ? flag->second->has_value()
                     : word == "frame"   ? page.frame != nullptr
                     : word == "age"     ? page.age != nullptr
                     : word == "disk"    ? page.disk.has_value()
                                         : false;
  if (given) fail(token_.begin, "`{}` is said twice", word);
  if (flag != flags.end()) {
    const Place place = take().begin;
    *flag->second = place;
    if (page.valid && page.invalid) fail(place, "a page is valid or invalid");
    return;
  }
  if (word == "disk") {
    take();
    page.disk = preset_disk(false);
    return;
  }
  if (word != "frame" && word != "age") {
    std::vector<std::string_view> known{"frame", "disk", "age"};
    for (const auto& each : flags) known.push_back(each.first);
    expected(fmt::format("an attribute of the page ({})", fmt::join(known, ", ")), did_you_mean(word, known));
  }
  take();
  want(TokenKind::Assign, "`=`");
  (word == "frame" ? page.frame : page.age) = sum();
}

// `=` and a place on a disk. A frame holds a block of a program's file; a page one of its own program's.
PresetDisk Grammar::preset_disk(bool of_frame) {
  want(TokenKind::Assign, "`=`");
  PresetDisk disk{.place = token_.begin};
  const std::string_view word = at(TokenKind::Name) ? text_of(token_) : std::string_view();
  std::vector<std::string_view> known;
  std::optional<DbdKind> kind;
  for (const DbdKind each : {DbdKind::None, DbdKind::Zero, DbdKind::Fill, DbdKind::File, DbdKind::Swap}) {
    if (of_frame && (each == DbdKind::Zero || each == DbdKind::Fill)) continue;
    known.push_back(name(each));
    if (name(each) == word) kind = each;
  }
  if (!kind) expected(fmt::format("a place on a disk ({})", fmt::join(known, ", ")), did_you_mean(word, known));
  take();
  disk.kind = *kind;
  switch (*kind) {
    case DbdKind::None:
    case DbdKind::Zero:
      return disk;
    case DbdKind::Fill:
      if (accept(TokenKind::Colon)) disk.block = sum();
      return disk;
    case DbdKind::File:
      if (of_frame) {
        want(TokenKind::Colon, "`:` and a program");
        disk.program = program_name();
      }
      break;
    case DbdKind::Swap:
      want(TokenKind::Colon, "`:` and a device");
      disk.device = sum();
      break;
  }
  want(TokenKind::Colon, "`:` and a block");
  disk.block = sum();
  return disk;
}

}  // namespace bachsim
