// `preset`, which puts a table into the state that a figure starts from.
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "sim/state/column.h"
#include "workloads/language/grammar.h"

namespace bachsim {
namespace {

using Part = PresetError::Part;

// Words for the parts of a page.
const std::vector<std::string_view> kAttributes{"frame", "disk",     "age",        "valid",   "invalid",
                                                "cow",   "writable", "referenced", "modified"};
constexpr std::array kParts{Part::FrameNumber, Part::Disk,     Part::Age,        Part::Valid,   Part::Valid,
                            Part::Cow,         Part::Writable, Part::Referenced, Part::Modified};

}  // namespace

void Grammar::preset() {
  take_the_stage();
  auto* const body = script_.arena.make<PresetBody>();
  if (accept(Word::Pfdata)) {
    PfdataForm pfdata{.frame = sum(), .disk = {}};
    if (!at(TokenKind::Name) || text_of(token_) != "disk") expected("`disk=`");
    take();
    pfdata.disk = preset_disk(true);
    *body = pfdata;
  } else if (at(TokenKind::Name) && text_of(token_) == spelling(SoftWord::FreeList)) {
    take();
    std::vector<const Expr*> frames;
    do {
      frames.push_back(sum());
    } while (!at_line_end());
    *body = FreelistForm{script_.arena.keep(frames)};
  } else {
    *body = preset_page();
  }
  add(PresetStatement{body});
}

PresetBody Grammar::preset_page() {
  if (at(TokenKind::Name) && is_word(token_.symbol)) expected("a process's name, `pfdata` or `freelist`");
  PageForm page{.process = process_ref(Giving::No), .where = {}};
  location(page.where);
  if (page.where.kind == LocationKind::Pages || page.where.kind == LocationKind::AllPages)
    fail(page.where.place, "a preset is of one page");
  do {
    preset_attribute(page);
  } while (!at_line_end());
  return page;
}

void Grammar::preset_attribute(PageForm& page) {
  const std::string_view word = at(TokenKind::Name) ? text_of(token_) : std::string_view();
  const Part part = kParts.at(one_of("an attribute of the page", kAttributes));
  std::optional<Place>& place = page.place_of(part);
  const bool valid = word == "valid";
  if (page.valid && part == Part::Valid && *page.valid != valid) fail(token_.begin, "a page is valid or invalid");
  if (place) fail(token_.begin, "`{}` is said twice", word);
  place = take_place();
  if (part == Part::FrameNumber || part == Part::Age) {
    want(TokenKind::Assign, "`=`");
    const Expr* const number = sum();
    (part == Part::Age ? page.age : page.frame) = number;
    place = number->place;
  } else if (part == Part::Disk) {
    page.disk = preset_disk(false);
    place = page.disk->place;
  } else if (part == Part::Valid) {
    page.valid = valid;
  }
}

// `=` and a block on a disk. A frame holds a block of a program's file; a page one of its own program's.
DiskForm Grammar::preset_disk(bool of_frame) {
  want(TokenKind::Assign, "`=`");
  DiskForm disk{.place = token_.begin};
  const std::vector<std::string_view> known = words_of(of_frame ? Kind::Identity : Kind::Disk);
  const std::string_view word = known[one_of("a disk block", known)];
  take();
  disk.kind = static_cast<DbdKind>(std::ranges::find(kWords<DbdKind>, word) - kWords<DbdKind>.begin());
  switch (disk.kind) {
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
