// A field is one value in a row of state. A column tells how rows of one kind give it, and what it is called.
//
// Each column is defined once (rows.h). Paths of `expect` and `print`, JSON, tables and differences are made from it.
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <variant>
#include <vector>

#include "regions/dbd.h"
#include "regions/region.h"
#include "sim/kernel/errno.h"
#include "sim/kernel/process.h"

namespace bachsim {

// Where contents are on a disk, as a dbd or a frame's identity has it.
struct Disk {
  DbdKind kind = DbdKind::None;
  unsigned device = 0;
  std::uint64_t block = 0;
  std::string_view program{};  // of a frame's file block: whose file. Good while the kernel is there.
  bool in_figure = false;      // to be written as the book's figures do

  // Kinds that name a block.
  [[nodiscard]] bool has_block() const { return kind != DbdKind::None && kind != DbdKind::Zero; }
  friend auto operator<=>(const Disk&, const Disk&) = default;
};

// A virtual address, or a label that stands for one (labels.h).
struct Address {
  std::uint64_t value = 0;
  std::uint64_t page = kPageSize;  // bytes from one page to the next
  bool label = false;
  friend bool operator==(const Address&, const Address&) = default;
};

// Who does something: a process, or the page stealer.
struct Actor {
  std::uint32_t pid = 0;  // 0: the page stealer
  friend bool operator==(const Actor&, const Actor&) = default;
};

// Nothing there (`null`), a number, a truth value, an address, a block on a disk, or a word.
using Field = std::variant<std::monostate, std::int64_t, bool, Address, Disk, std::string>;

inline constexpr std::monostate kNothing{};

// `66K`; bytes that are no whole number of K as they are.
[[nodiscard]] std::string bytes_text(std::uint64_t bytes);
// `none`, `zero`, `fill`, `file:BLOCK`, `file:PROGRAM:BLOCK`, `swap:DEVICE:BLOCK`; in a figure `-`, `demand zero`,
// `demand fill BLOCK`, `file BLOCK`, `file PROGRAM BLOCK`, `swap DEVICE BLOCK`
[[nodiscard]] std::string text(const Disk& disk);
// Labels as `66K`, others in hexadecimal.
[[nodiscard]] std::string text(const Address& address);
// As a table has it: `-` for nothing, `yes` or `-` for a truth value.
[[nodiscard]] std::string text(const Field& field);
// Several that count on from `first` to `last`: `7-12`, `file:0-23`.
[[nodiscard]] std::string text(const Field& first, const Field& last);
// `1 page`, `2 pages`; a plural that adds no `s` is given.
[[nodiscard]] std::string count_text(std::uint64_t count, std::string_view one, std::string_view several = {});
// Tells whether b follows a: the next number, address or block. Other kinds must be equal.
[[nodiscard]] bool counts_on(const Field& a, const Field& b);

// The kinds of value that a column has. Words of one kind are compared with words of the same kind only.
enum class Kind : std::uint8_t {
  Number,
  Truth,
  Address,
  Name,   // of a process or key: the script's own word
  Text,   // letters for people, in tables only
  State,  // of a process
  Event,  // what a process waits for
  Errno,
  Actor,     // a pid, or `vhand`
  Type,      // of a region
  Disk,      // of a page
  Identity,  // of a frame
  Program,
};

// The words of a kind; `file` and `swap` have a `:` and numbers behind them. None for kinds without words, and for
// those whose words are the script's own.
[[nodiscard]] std::vector<std::string_view> words_of(Kind kind);

// How a column is used.
enum Use : unsigned {
  kInPath = 1,
  kInJson = 2,
  kIfAny = 4,     // in JSON only where there is something to say: not false, not null; of a count: not 0
  kCountsOn = 8,  // rows that differ only by counting on here may be shown as one
  kMayBeNull = 16,
  kWhenReaped = 32,   // known of a reaped process too
  kNotOnPages = 128,  // a page in a browser says it in other words
  kIfAsked = 64,      // costs a look at the page's contents, so that a row has it only where it is asked for
};

struct ColumnInfo {
  std::string_view name;     // in paths, and as a JSON key
  std::string_view heading;  // in tables
  Kind kind;
  unsigned uses;

  [[nodiscard]] bool is(Use use) const { return (uses & use) != 0; }
  // Words and truth values are aligned to the left, numbers and addresses to the right.
  [[nodiscard]] bool left() const { return kind == Kind::Truth || kind > Kind::Address; }
};

template <class Row>
struct Column : ColumnInfo {
  Field (*get)(const Row&);
};

template <class T>
inline constexpr bool kIsOptional = false;
template <class T>
inline constexpr bool kIsOptional<std::optional<T>> = true;

// A row's member as a field.
template <class T>
Field field(const T& value) {
  if constexpr (kIsOptional<T>) {
    return value ? field(*value) : Field(kNothing);
  } else if constexpr (std::is_same_v<T, bool> || std::is_same_v<T, Address> || std::is_same_v<T, Disk>) {
    return value;
  } else if constexpr (std::is_same_v<T, Actor>) {
    return value.pid == 0 ? Field(std::string("vhand")) : Field(std::int64_t{value.pid});
  } else if constexpr (std::is_integral_v<T>) {
    return static_cast<std::int64_t>(value);
  } else if constexpr (std::is_enum_v<T>) {
    if (std::is_same_v<T, WaitingFor> && value == T{}) return kNothing;
    if (std::is_same_v<T, Errno> && value == T{}) return std::int64_t{0};
    return std::string(name(value));
  } else {
    return std::string(value);
  }
}

// The kind of a column of such members.
template <class T>
consteval Kind kind_of() {
  if constexpr (kIsOptional<T>)
    return kind_of<typename T::value_type>();
  else
    return std::is_same_v<T, bool>               ? Kind::Truth
           : std::is_same_v<T, Address>          ? Kind::Address
           : std::is_same_v<T, std::string>      ? Kind::Name
           : std::is_same_v<T, std::string_view> ? Kind::Program
           : std::is_same_v<T, WaitingFor>       ? Kind::Event
           : std::is_same_v<T, Errno>            ? Kind::Errno
           : std::is_same_v<T, Actor>            ? Kind::Actor
           : std::is_same_v<T, RegionType>       ? Kind::Type
           : std::is_same_v<T, Disk>             ? Kind::Disk
                                                 : Kind::Number;
}

template <class Row, class Member>
Row row_of(Member Row::*);
template <class Row, class Member>
Member member_of(Member Row::*);

// The column of a row's member.
template <auto member>
consteval auto column(std::string_view name, unsigned uses, std::string_view heading = {}) {
  using Of = decltype(row_of(member));
  using Member = decltype(member_of(member));
  if (kIsOptional<Member> || std::is_same_v<Member, WaitingFor>) uses |= kMayBeNull;
  return Column<Of>{{name, heading, kind_of<Member>(), uses}, [](const Of& row) { return field(row.*member); }};
}

}  // namespace bachsim
