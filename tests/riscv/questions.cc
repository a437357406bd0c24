#include "tests/riscv/questions.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <set>
#include <utility>

#include "sim/machine/pte.h"
#include "tests/riscv/board.h"

namespace bachsim {
namespace {

constexpr std::array kKinds{ProbeKind::Fetch,  ProbeKind::Load1,  ProbeKind::Load2,  ProbeKind::Load4, ProbeKind::Load8,
                            ProbeKind::Store1, ProbeKind::Store2, ProbeKind::Store4, ProbeKind::Store8};

// Accesses, in the order in which they are to be made.
class Questions {
 public:
  Questions(Chance& random, std::uint64_t memory_bytes)
      : random_(random), prober_(Board::prober_page(memory_bytes) / kPageSize) {}

  void set_satp(std::uint64_t satp) { records_.push_back({.kind = ProbeKind::SetSatp, .operand = satp}); }

  // One access to the page of an address, or one of each kind: mostly there, else at another place of the page.
  void ask(std::uint64_t va) { ask(va, kKinds[random_.below(kKinds.size())]); }
  void ask_all(std::uint64_t va) {
    ask(va, ProbeKind::Fetch);
    ask(va, kKinds[random_.between(1, 4)]);
    ask(va, kKinds[random_.between(5, 8)]);
  }

  // The address with some of the bits above the mode's changed.
  void ask_not_canonical(std::uint64_t va, PagingMode mode) {
    const unsigned bits = mode == PagingMode::Bare ? 56 : 12 + 9 * static_cast<unsigned>(levels(mode));
    const unsigned first = static_cast<unsigned>(random_.between(bits - 1, 63));
    ask(random_.percent(60) ? va ^ std::uint64_t{1} << first : va ^ ~std::uint64_t{0} << first);
  }

  void shuffle(std::size_t from) {
    for (std::size_t i = records_.size(); i > from + 1; --i)
      std::swap(records_[i - 1], records_[from + random_.below(i - from)]);
  }

  [[nodiscard]] std::size_t size() const { return records_.size(); }
  [[nodiscard]] std::vector<Record> take() { return std::move(records_); }

 private:
  void ask(std::uint64_t va, ProbeKind kind) {
    if (random_.percent(30)) va = va / kPageSize * kPageSize + random_.below(kPageSize);
    // The whole access lies in one page. Instructions begin at even addresses.
    const std::uint64_t last = kPageSize - width(kind);
    if (va % kPageSize > last) va = va / kPageSize * kPageSize + last;
    if (kind == ProbeKind::Fetch) va &= ~std::uint64_t{1};
    if (va / kPageSize == prober_) return;
    records_.push_back({.kind = kind, .va = va, .operand = is_store(kind) ? random_.bits() : 0});
  }

  Chance& random_;
  std::uint64_t prober_;
  std::vector<Record> records_;
};

std::uint64_t word_at(const MemoryImage& memory, std::uint64_t offset) {
  std::uint64_t word = 0;
  std::memcpy(&word, &memory.at(offset), sizeof word);
  return word;
}

void put_word(MemoryImage& memory, std::uint64_t offset, std::uint64_t word) {
  std::memcpy(&memory.at(offset), &word, sizeof word);
}

PagingMode mode_of(std::uint64_t satp) { return static_cast<PagingMode>(satp >> 60); }

void ask_about(const DumpedSpace& space, Chance& random, Questions& questions) {
  const std::size_t from = questions.size();
  for (const DumpedPregion& pregion : space.pregions) {
    const std::uint64_t end = pregion.start + pregion.bytes;
    for (const std::uint64_t va : {pregion.start, end - 1, end, pregion.start - 1}) questions.ask_all(va);
    for (unsigned i = 0; i < 8 && pregion.bytes != 0; ++i) {
      const std::uint64_t va = pregion.start + random.below(pregion.bytes);
      questions.ask_all(va);
      if (random.percent(25)) questions.ask_not_canonical(va, mode_of(space.satp));
    }
  }
  for (const std::uint64_t va : {std::uint64_t{0}, ~std::uint64_t{0}, kMemoryStart, kMemoryStart - 1})
    questions.ask(va);
  for (unsigned i = 0; i < 6; ++i) {
    const std::uint64_t va = random.bits() >> random.below(50);
    questions.ask(random.percent(50) ? va : ~va);
  }
  questions.shuffle(from);
}

// Clears A or D or both, or none, in the PTE of an address, if that is valid.
void forget_use(MemoryImage& memory, std::uint64_t satp, std::uint64_t va, Chance& random) {
  std::uint64_t table = satp & Pte::kPpnMask;
  for (int level = levels(mode_of(satp)) - 1; level >= 0; --level) {
    const std::uint64_t offset = table * kPageSize - kMemoryStart + 8 * (va >> (12 + 9 * level) & 511);
    const Pte pte{word_at(memory, offset)};
    if (!pte.valid()) return;
    if (level == 0) put_word(memory, offset, pte.raw & ~(random.bits() & (Pte::kA | Pte::kD)));
    table = pte.ppn().value;
  }
}

// Makes page tables in a memory of some MiB.
class TableMaker {
 public:
  TableMaker(Chance& random, bool shared)
      : random_(random), shared_(shared), memory_(kPages * kPageSize), questions_(random, memory_.size()) {
    // Words that differ, so that a page that is mistaken for another one shows.
    for (std::size_t offset = 0; offset < memory_.size(); offset += 8) put_word(memory_, offset, random_.bits());
  }

  // One more root, and accesses by way of it.
  void make(std::uint16_t asid) {
    constexpr std::array kModes{PagingMode::Sv39, PagingMode::Sv48, PagingMode::Sv57};
    const PagingMode mode = random_.percent(3) ? PagingMode::Bare : kModes[random_.below(kModes.size())];
    Ppn root = random_.percent(4) ? beyond() : new_table();
    if (mode == PagingMode::Bare) root = Ppn{0};
    const Satp satp{.mode = mode, .asid = asid, .root = root};
    questions_.set_satp(satp.raw());
    const std::size_t from = questions_.size();
    Made made{.satp = satp.raw(), .places = {}};
    for (unsigned i = 0; i < kPlaces; ++i) {
      const std::uint64_t va = some_address(mode);
      made.places.push_back(va);
      if (mode != PagingMode::Bare && contains(root)) make_way(root, va, levels(mode) - 1);
      for (unsigned again = 0; again < 3; ++again) questions_.ask_all(va);
      for (std::uint64_t again = 0; again < kNeighbours; ++again)
        questions_.ask(va + random_.below(kNeighbours) * kPageSize);
      questions_.ask_not_canonical(va, mode);
    }
    questions_.shuffle(from);
    made_.push_back(made);
    if (random_.percent(50)) return;
    const Made& older = made_[random_.below(made_.size())];
    questions_.set_satp(older.satp);
    for (const std::uint64_t va : older.places) questions_.ask_all(va);
  }

  ProbedMemory take(const std::string& name) {
    return {.name = name,
            .memory = std::move(memory_),
            .frames = random_.between(1, kPages),
            .fences = shared_,
            .records = questions_.take()};
  }

 private:
  struct Made {
    std::uint64_t satp;
    std::vector<std::uint64_t> places;
  };

  static constexpr std::uint64_t kPages = 2048;
  static constexpr std::uint64_t kFirst = kMemoryStart / kPageSize;
  static constexpr unsigned kPlaces = 5;
  static constexpr std::uint64_t kNeighbours = 8;
  static constexpr std::uint64_t kLeaf = Pte::kR | Pte::kW | Pte::kX;

  [[nodiscard]] static bool contains(Ppn ppn) { return ppn.value >= kFirst && ppn.value < kFirst + kPages; }

  // Every third page may be a table. Nearly all entries of a table are not valid.
  Ppn new_table() {
    Ppn table{};
    do table = Ppn{kFirst + 3 * random_.below(kPages / 3)};
    while (!tables_.insert(table.value).second);
    for (std::size_t index = 0; index < kTableEntries; ++index) {
      const std::uint64_t junk = random_.percent(5) ? random_.bits() & ~Pte::kV : 0;
      put_word(memory_, offset_of(table, index), junk);
    }
    return table;
  }

  [[nodiscard]] static std::size_t offset_of(Ppn table, std::uint64_t index) {
    return (table.value - kFirst) * kPageSize + 8 * index;
  }

  // A page that never is a table.
  Ppn data_page() { return Ppn{kFirst + 3 * random_.below(kPages / 3) + random_.between(1, 2)}; }

  std::uint64_t some_table() {
    const auto found = tables_.lower_bound(kFirst + random_.below(kPages));
    return found == tables_.end() ? *tables_.begin() : *found;
  }

  Ppn beyond() {
    constexpr std::array<std::uint64_t, 6> kBeyond{kFirst + kPages, kFirst + kPages + 1,   kFirst - 1, 0,
                                                   Pte::kPpnMask,   std::uint64_t{1} << 43};
    return Ppn{random_.percent(70) ? kBeyond[random_.below(kBeyond.size())]
                                   : (kFirst + kPages + random_.bits() % (Pte::kPpnMask - kFirst - kPages))};
  }

  // The tables for an address, down from one of this level, as far as they go.
  void make_way(Ppn table, std::uint64_t va, int level) {
    const std::uint64_t index = va >> (12 + 9 * level) & 511;
    const std::size_t offset = offset_of(table, index);
    const std::uint64_t there = word_at(memory_, offset);
    const bool pointer = (there & (Pte::kV | kLeaf)) == Pte::kV;
    if (pointer && level > 0) {
      const Ppn next = Pte{there}.ppn();
      if (tables_.contains(next.value)) make_way(next, va, level - 1);
      return;
    }
    if ((there & Pte::kV) != 0) return;
    if (level == 0) {
      // With others beside it, so that the hart has been in their table before.
      const std::uint64_t end = std::min<std::uint64_t>(index + kNeighbours, kTableEntries);
      for (std::uint64_t beside = index; beside < end; ++beside) put_word(memory_, offset_of(table, beside), leaf(0));
      return;
    }
    if (random_.percent(22)) {
      put_word(memory_, offset, leaf(level));
      return;
    }
    const bool spoilt = random_.percent(12);
    const Ppn next = spoilt && random_.percent(40) ? beyond() : new_table();
    put_word(memory_, offset,
             Pte::make(next, Pte::kV | random_.below(4) << 8).raw | (spoilt ? spoiling() : 0) |
                 (random_.percent(5) ? 1u << 5 : 0));
    if (contains(next)) make_way(next, va, level - 1);
  }

  // A bit that a pointer may not have, often.
  std::uint64_t spoiling() {
    constexpr std::array<std::uint64_t, 4> kBits{Pte::kU, Pte::kA, Pte::kD, 0};
    return random_.percent(60) ? kBits[random_.below(kBits.size())] : std::uint64_t{1} << random_.between(54, 63);
  }

  std::uint64_t leaf(int level) {
    std::uint64_t bits = random_.below(1024);
    if (random_.percent(70)) bits |= Pte::kV | Pte::kU;
    if (random_.percent(40)) bits |= Pte::kR;
    if (random_.percent(6)) bits |= std::uint64_t{1} << random_.between(54, 63);
    if (level > 0 && !shared_) bits &= ~Pte::kW;  // tables lie in superpages
    return Pte::make(leaf_page(level), bits).raw;
  }

  Ppn leaf_page(int level) {
    if (level == 0) {
      if (random_.percent(12)) return beyond();
      return shared_ && random_.percent(25) ? Ppn{some_table()} : data_page();
    }
    const std::uint64_t pages = std::uint64_t{1} << 9 * level;
    const std::uint64_t page = random_.percent(75) ? kFirst + random_.below(kPages) : beyond().value;
    return Ppn{page / pages * pages + (random_.percent(20) ? random_.between(1, pages - 1) : 0)};
  }

  // Of superpages of 512 GiB and more, memory is a small part in the first: so some addresses end as physical ones do.
  std::uint64_t some_address(PagingMode mode) {
    std::uint64_t va = random_.bits();
    if (random_.percent(50)) va = va >> 31 << 31 | (random_.below(kPages + 4) * kPageSize);
    const unsigned kept = random_.percent(50) ? 40 : 48;
    if (random_.percent(40)) va = va >> kept << kept | (kMemoryStart + random_.below(kPages + 4) * kPageSize);
    va += random_.below(kPageSize);
    if (mode == PagingMode::Bare)
      return random_.percent(50) ? va : kMemoryStart + random_.below((kPages + 4) * kPageSize);
    const unsigned unused = 64 - (12 + 9 * static_cast<unsigned>(levels(mode)));
    return static_cast<std::uint64_t>(static_cast<std::int64_t>(va << unused) >> unused);
  }

  Chance& random_;
  bool shared_;
  MemoryImage memory_;
  Questions questions_;
  std::set<std::uint64_t> tables_;
  std::vector<Made> made_;
};

}  // namespace

ProbedMemory questions_on(CoreFile core, const std::string& name, Chance& random) {
  if (random.percent(60)) {
    for (const DumpedSpace& space : core.spaces) {
      for (const DumpedPregion& pregion : space.pregions) {
        for (std::uint64_t offset = 0; offset < pregion.bytes; offset += kPageSize)
          forget_use(core.memory, space.satp, pregion.start + offset, random);
      }
    }
  }
  Questions questions(random, core.memory.size());
  for (unsigned turn = 0; turn < 2; ++turn) {
    for (const DumpedSpace& space : core.spaces) {
      questions.set_satp(space.satp);
      ask_about(space, random, questions);
    }
  }
  const std::uint64_t pages = core.memory.size() / kPageSize;
  return {.name = name,
          .memory = std::move(core.memory),
          .frames = random.between(1, pages),
          .fences = false,
          .records = questions.take()};
}

ProbedMemory questions_on_made_tables(unsigned tables, bool shared, const std::string& name, Chance& random) {
  TableMaker maker(random, shared);
  for (unsigned table = 0; table < tables; ++table) maker.make(static_cast<std::uint16_t>(table));
  return maker.take(name);
}

}  // namespace bachsim
