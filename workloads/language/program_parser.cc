// `program NAME ITEM ...`: the executable files of a script.
#include <algorithm>

#include "regions/pfdata.h"
#include "workloads/language/grammar.h"

namespace bachsim {

// A number of pages, or of bytes with a suffix; and `@` and an address to show it at.
ProgramDeclaration::Section Grammar::section() {
  ProgramDeclaration::Section section{.place = token_.begin};
  section.size = constant("a number of pages, or of bytes with K, M or G");
  if (accept(TokenKind::At)) {
    section.start_place = token_.begin;
    section.start = constant("an address");
  }
  return section;
}

void Grammar::program() {
  top_level();
  take();
  const Token name = want_name("a program's name");
  const ProgramId id{static_cast<std::uint32_t>(script_.programs.size())};
  if (id.value > DiskBlock::kMaxProgram) fail(name.begin, "more than {} programs", DiskBlock::kMaxProgram + 1);
  const auto [entry, is_new] = programs_.try_emplace(name.symbol, id);
  if (!is_new)
    throw Diagnostic{name.begin,
                     fmt::format("program `{}` is declared twice", text_of(name)),
                     {{script_.programs[entry->second.value].place, "the first one is here"}}};
  ProgramDeclaration declared{.name = std::string(text_of(name)), .place = name.begin};
  declare("program", text_of(name), name.begin);
  script_.programs.push_back(declared);
  while (!at_line_end()) program_item(declared);
  if (declared.file_of && (declared.sticky || declared.unaligned || !declared.file_blocks.empty()))
    fail(declared.place, "`sticky`, `unaligned` and `file=` belong to `{}`, whose file this is",
         script_.programs[declared.file_of->value].name);
  script_.programs.back() = std::move(declared);
}

void Grammar::program_item(ProgramDeclaration& program) {
  const Place place = token_.begin;
  const std::string_view word = dashed_name("a section with `=`, `file=`, `unaligned` or `sticky`");
  if (word == "unaligned" || word == "sticky") {
    (word == "sticky" ? program.sticky : program.unaligned) = true;
    return;
  }
  const std::vector<std::string_view> words{"text",      "data",   "bss",     "stack",      "file",
                                            "unaligned", "sticky", "file-of", "working-set"};
  if (std::ranges::find(words, word) == words.end())
    fail(place, "a program has no `{}`{}", word, did_you_mean(word, words));
  want(TokenKind::Assign, "`=`");
  if (word == "file-of") return file_of(program);
  if (word == "working-set") return working_set(program);
  if (word == "file") {
    program.file_blocks.clear();
    do {
      program.file_blocks.push_back(constant("a disk block"));
    } while (accept(TokenKind::Comma));
    return;
  }
  ProgramDeclaration::Section& target = word == "text"   ? program.text
                                        : word == "data" ? program.data
                                        : word == "bss"  ? program.bss
                                                         : program.stack;
  target = section();
  if (word == "bss" && target.start) fail(target.start_place, "bss has no address of its own: it follows data");
}

// Another view of a file: its text and data, with a bss, a stack and addresses of its own.
void Grammar::file_of(ProgramDeclaration& program) {
  const Place place = token_.begin;
  const ProgramId other = program_name();
  if (other.value + 1 == script_.programs.size()) fail(place, "`{}` has its own file", program.name);
  program.file_of = script_.programs[other.value].file_of.value_or(other);
}

void Grammar::working_set(ProgramDeclaration& program) {
  const Token limit = want(TokenKind::Number, "a number of pages");
  if (limit.number > PfdataTable::kMaxFrames)
    fail(limit.begin, "`working-set` is from 0 to {}", PfdataTable::kMaxFrames);
  program.working_set = static_cast<std::uint32_t>(limit.number);
}

}  // namespace bachsim
