// `preset`, which puts a table into the state that a figure starts from.
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "sim/state/column.h"
#include "workloads/language/grammar.h"

namespace bachsim {
namespace {

using Part = PresetError::Part;

struct Attribute {
  std::string_view word;
  Part part;
};

constexpr std::array kAttributes{
    Attribute{"frame", Part::FrameNumber}, Attribute{"disk", Part::Disk},
    Attribute{"age", Part::Age},           Attribute{"valid", Part::Valid},
    Attribute{"invalid", Part::Valid},     Attribute{"cow", Part::Cow},
    Attribute{"writable", Part::Writable}, Attribute{"referenced", Part::Referenced},
    Attribute{"modified", Part::Modified},
};

}  // namespace

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
  PresetPage page{.process = process_ref(Giving::No), .where = {}};
  location(page.where);
  if (page.where.kind == LocationKind::Pages || page.where.kind == LocationKind::AllPages)
    fail(page.where.place, "a preset is of one page");
  do {
    preset_attribute(page);
  } while (!at_line_end());
  return page;
}

void Grammar::preset_attribute(PresetPage& page) {
  const std::string_view word = at(TokenKind::Name) ? text_of(token_) : std::string_view();
  const auto known = std::ranges::find(kAttributes, word, &Attribute::word);
  if (known == kAttributes.end()) {
    std::vector<std::string_view> words;
    for (const Attribute& attribute : kAttributes) words.push_back(attribute.word);
    expected(fmt::format("an attribute of the page ({})", fmt::join(words, ", ")), did_you_mean(word, words));
  }
  std::optional<Place>& place = page.place_of(known->part);
  const bool valid = word == "valid";
  if (page.valid && known->part == Part::Valid && *page.valid != valid)
    fail(token_.begin, "a page is valid or invalid");
  if (place) fail(token_.begin, "`{}` is said twice", word);
  place = take_place();
  switch (known->part) {
    case Part::FrameNumber:
    case Part::Age: {
      want(TokenKind::Assign, "`=`");
      const Expr* const number = sum();
      (known->part == Part::Age ? page.age : page.frame) = number;
      place = number->place;
      return;
    }
    case Part::Disk:
      page.disk = preset_disk(false);
      place = page.disk->place;
      return;
    case Part::Valid:
      page.valid = valid;
      return;
    default:
      return;
  }
}

// `=` and a block on a disk. A frame holds a block of a program's file; a page one of its own program's.
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
