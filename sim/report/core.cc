#include "sim/report/core.h"

#include <elf.h>

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstring>
#include <string>
#include <vector>

namespace bachsim {
namespace {

static_assert(std::endian::native == std::endian::little, "a core is written in the host's byte order");

constexpr std::size_t kMostSegments = 0xfffe - 1;                               // one header is that of the notes
enum Rights : std::uint64_t { kReadable = 1, kWritable = 2, kExecutable = 4 };  // of a pregion's note
enum NoteType : std::uint32_t { kSatpNote = 1, kMemoryNote = 2, kPregionNote = 3 };

template <class Struct>
std::string_view bytes_of(const Struct& value) {
  return {reinterpret_cast<const char*>(&value), sizeof value};
}

void add_note(std::string& notes, NoteType type, std::initializer_list<std::uint64_t> words) {
  static constexpr char kName[] = "BACHSIM";
  const Elf64_Nhdr head{.n_namesz = sizeof kName,
                        .n_descsz = static_cast<Elf64_Word>(words.size() * sizeof(std::uint64_t)),
                        .n_type = type};
  notes += bytes_of(head);
  notes.append(kName, sizeof kName);
  for (const std::uint64_t word : words) notes += bytes_of(word);
}

std::string notes_of(const State& state) {
  std::string notes;
  for (const ProcSlot slot : state.processes()) {
    const ProcessRow process = state.process(slot);
    if (process.satp) add_note(notes, kSatpNote, {process.pid, process.satp->value});
  }
  add_note(notes, kMemoryNote, {State::memory_start(), state.memory_bytes()});
  for (const ProcSlot slot : state.processes()) {
    const ProcessRow process = state.process(slot);
    if (process.state == ProcessState::Zombie) continue;
    state.pregions(slot, [&](const PregionRow& row) {
      const std::uint64_t access = kReadable | (row.type == RegionType::Text ? kExecutable : kWritable);
      add_note(notes, kPregionNote, {process.pid, row.real_start, row.pages * kPageSize, access});
    });
  }
  return notes;
}

bool all_zero(std::span<const std::byte> page) {
  return page[0] == std::byte{0} && std::memcmp(page.data(), page.data() + 1, page.size() - 1) == 0;
}

struct Segment {
  std::uint64_t start;
  std::uint64_t end;
};

std::vector<Segment> segments_of(const State& state) {
  std::vector<Segment> segments;
  state.memory([&](std::uint64_t address, std::span<const std::byte> page) {
    if (all_zero(page)) return;
    if (segments.empty() || segments.back().end != address) segments.push_back({address, address});
    segments.back().end += kPageSize;
  });
  for (std::uint64_t gap = kPageSize; segments.size() > kMostSegments; gap *= 2) {
    std::vector<Segment> joined;
    for (const Segment& segment : segments) {
      if (joined.empty() || segment.start - joined.back().end > gap)
        joined.push_back(segment);
      else
        joined.back().end = segment.end;
    }
    segments.swap(joined);
  }
  return segments;
}

constexpr std::uint64_t round_to_page(std::uint64_t bytes) { return (bytes + kPageSize - 1) / kPageSize * kPageSize; }

void write_headers(Sink& sink, const std::string& notes, const std::vector<Segment>& segments) {
  Elf64_Ehdr head{};
  std::memcpy(head.e_ident, ELFMAG, SELFMAG);
  head.e_ident[EI_CLASS] = ELFCLASS64;
  head.e_ident[EI_DATA] = ELFDATA2LSB;
  head.e_ident[EI_VERSION] = EV_CURRENT;
  head.e_type = ET_CORE;
  head.e_machine = EM_RISCV;
  head.e_version = EV_CURRENT;
  head.e_phoff = sizeof head;
  head.e_ehsize = sizeof head;
  head.e_phentsize = sizeof(Elf64_Phdr);
  head.e_phnum = static_cast<Elf64_Half>(segments.size() + 1);
  const std::uint64_t notes_at = sizeof head + head.e_phnum * sizeof(Elf64_Phdr);
  std::uint64_t offset = round_to_page(notes_at + notes.size());
  Elf64_Phdr note{};
  note.p_type = PT_NOTE;
  note.p_offset = notes_at;
  note.p_filesz = notes.size();
  note.p_align = sizeof(Elf64_Word);
  sink.write(bytes_of(head));
  sink.write(bytes_of(note));
  for (const Segment& segment : segments) {
    Elf64_Phdr load{};
    load.p_type = PT_LOAD;
    load.p_flags = PF_R | PF_W;
    load.p_offset = offset;
    load.p_vaddr = load.p_paddr = segment.start;
    load.p_filesz = load.p_memsz = segment.end - segment.start;
    load.p_align = kPageSize;
    offset += load.p_filesz;
    sink.write(bytes_of(load));
  }
  sink.write(notes);
  sink.write(std::string(round_to_page(notes_at + notes.size()) - notes_at - notes.size(), '\0'));
}

}  // namespace

void write_core(Sink& sink, const State& state) {
  const std::vector<Segment> segments = segments_of(state);
  write_headers(sink, notes_of(state), segments);
  for (const Segment& segment : segments) {
    for (std::uint64_t address = segment.start; address < segment.end; address += kPageSize) {
      const std::span<const std::byte> page = state.memory(address);
      sink.write({reinterpret_cast<const char*>(page.data()), page.size()});
    }
  }
}

}  // namespace bachsim
