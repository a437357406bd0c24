#include "workloads/language/settings.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <map>

#include "regions/layout.h"
#include "regions/pfdata.h"
#include "sim/state/column.h"
#include "workloads/language/parser.h"

namespace bachsim {
namespace {

constexpr std::uint64_t kMaxSwapBlocks = std::uint64_t{1} << 32;
constexpr std::uint64_t kMaxTlb = std::uint64_t{1} << 16;
constexpr std::uint64_t kMaxStack = (kStackEnd.value - kShmStart.value) / kPageSize;
constexpr std::uint64_t kMaxSection = kDataEnd.value / kPageSize;
constexpr std::uint64_t kMaxFileBlock = std::uint64_t{1} << 56;  // those that follow it are numbers of reports, too
constexpr std::array<std::uint64_t, 4> kLabelPages{512, 1024, 2048, 4096};
constexpr std::array<std::uint64_t, 8> kBlocks{512, 1024, 2048, 4096, 8192, 16384, 32768, 65536};
// Sections begin at multiples of it where the script does not say.
constexpr std::uint64_t kLabelSpan = std::uint64_t{64} * 1024;

std::uint64_t pages_of(std::uint64_t number, bool suffixed, std::uint64_t page) {
  return suffixed ? number / page + (number % page != 0 ? 1 : 0) : number;
}

// In pages.
std::uint64_t size_of(const ProgramDeclaration::Section& section, std::uint64_t page, const ParamValues& params) {
  if (section.size == nullptr) return 0;
  const bool suffixed = section.size->kind == ExprKind::Number && section.size->suffixed;
  return pages_of(constant_count(section.size, params, "a size"), suffixed, page);
}

std::optional<std::uint64_t> start_of(const ProgramDeclaration::Section& section, const ParamValues& params) {
  if (section.start == nullptr) return std::nullopt;
  return constant_count(section.start, params, "an address");
}

// REQUIRES: index < all.size()
Program program_of(const std::vector<ProgramDeclaration>& all, std::size_t index, std::uint64_t page,
                   const ParamValues& params) {
  const ProgramDeclaration& declared = all[index];
  const ProgramDeclaration& file = declared.file_of ? all[declared.file_of->value] : declared;
  const auto size = [&](const ProgramDeclaration::Section& section) { return size_of(section, page, params); };
  // Regions are of the program whose file it is, and so nobody looks for its blocks here but there.
  std::vector<std::uint64_t> file_blocks;
  for (const Expr* block : declared.file_blocks) file_blocks.push_back(constant_count(block, params, "a block"));
  Program program{.name = declared.name,
                  .text = size(file.text),
                  .data = size(file.data),
                  .bss = size(declared.bss),
                  .stack = declared.stack.size == nullptr ? 1 : size(declared.stack),
                  .unaligned = file.unaligned,
                  .sticky = file.sticky,
                  .file = declared.file_of,
                  .working_set = declared.working_set,
                  .file_blocks = std::move(file_blocks)};
  const auto text_at = start_of(declared.text, params);
  const auto data_at = start_of(declared.data, params);
  const auto stack_at = start_of(declared.stack, params);
  if (page == kPageSize && !text_at && !data_at && !stack_at) return program;
  const auto behind = [page](std::uint64_t start, std::uint64_t pages) {
    return round_up(start + std::max<std::uint64_t>(pages * page, 1), kLabelSpan);
  };
  SectionStarts starts{.text = text_at.value_or(0)};
  const std::uint64_t behind_text = behind(starts.text, program.text);
  starts.data = data_at.value_or(behind_text);
  starts.stack = stack_at.value_or(std::max(behind_text, behind(starts.data, program.data + program.bss)));
  program.starts = starts;
  return program;
}

// A key of a machine and what it takes: a number, one of some words, or what is its own (`swap`, `block`, `page`).
struct Key {
  std::string_view name;
  std::uint64_t Config::*number = nullptr;
  std::optional<std::uint64_t> Config::*limit = nullptr;
  std::uint64_t least = 0;
  std::uint64_t most = ~std::uint64_t{0};
  bool size = false;  // a number of pages, or of bytes with a suffix
  std::vector<std::string_view> words{};
  void (*set)(Config&, std::size_t word) = nullptr;
  std::size_t (*get)(const Config&) = nullptr;
  bool quiet = false;  // reports name it only where it has not its first value
};

// Words for these values of a member, in their order.
template <auto member, auto... values>
Key words_key(std::string_view name, std::initializer_list<std::string_view> words) {
  return {.name = name,
          .words = words,
          .set = [](Config& config, std::size_t word) { config.*member = std::array{values...}[word]; },
          .get =
              [](const Config& config) {
                const std::array all{values...};
                return static_cast<std::size_t>(std::ranges::find(all, config.*member) - all.begin());
              }};
}

Key quiet(Key key) {
  key.quiet = true;
  return key;
}

constexpr std::uint64_t kMaxFrames = PfdataTable::kMaxFrames;

// Every key of a machine, in the order of reports.
const std::vector<Key>& keys() {
  using P = PagingPolicy;
  static const std::vector<Key> list{
      {.name = "frames", .number = &Config::frames, .least = 1, .most = kMaxFrames, .size = true},
      {.name = "reserve", .number = &Config::reserve, .least = 0, .most = kMaxFrames, .size = true},
      {.name = "swap"},
      words_key<&Config::mode, PagingMode::Sv39, PagingMode::Sv48, PagingMode::Sv57>("mode", {"sv39", "sv48", "sv57"}),
      words_key<&Config::fork, ForkMode::Cow, ForkMode::Copy, ForkMode::Vfork>("fork", {"cow", "copy", "vfork"}),
      words_key<&Config::vfork, VforkMode::Share, VforkMode::Fork>("vfork", {"share", "fork"}),
      words_key<&Config::ad, AdUpdate::Hardware, AdUpdate::Software>("ad", {"hardware", "software"}),
      words_key<&Config::paging, P::On, P::Off, P::Hybrid>("paging", {"on", "off", "hybrid"}),
      {.name = "low", .number = &Config::low, .least = 0, .most = kMaxFrames, .size = true},
      {.name = "high", .number = &Config::high, .least = 0, .most = kMaxFrames, .size = true},
      {.name = "max-age", .number = &Config::max_age, .least = 0, .most = Dbd::kMaxAge},
      {.name = "cluster", .number = &Config::cluster, .least = 1, .most = kMaxFrames},
      {.name = "tlb", .number = &Config::tlb, .least = 1, .most = kMaxTlb},
      {.name = "stack-limit", .number = &Config::stack_limit, .least = 0, .most = kMaxStack, .size = true},
      {.name = "nproc", .limit = &Config::nproc, .least = 2},
      {.name = "nregion", .limit = &Config::nregion, .least = 0},
      {.name = "tables", .limit = &Config::tables, .least = 0},
      words_key<&Config::first, RunsFirst::Parent, RunsFirst::Child>("first", {"parent", "child"}),
      {.name = "prepage", .number = &Config::prepage, .least = 0, .most = kMaxFrames, .size = true},
      {.name = "working-set", .number = &Config::working_set, .least = 0, .most = kMaxFrames},
      words_key<&Config::swap_map, SwapMapKind::Extents, SwapMapKind::Bits>("swap-map", {"extents", "bits"}),
      quiet(words_key<&Config::io, IoMode::Atomic, IoMode::Sleep>("io", {"atomic", "sleep"})),
      quiet(words_key<&Config::dispatch, Dispatch::Turns, Dispatch::Nice>("dispatch", {"turns", "nice"})),
      quiet(words_key<&Config::check, FirstCheck::Validity, FirstCheck::Protection>(
          "check", {"validity-first", "protection-first"})),
      quiet(words_key<&Config::valid, ValidBit::Hardware, ValidBit::Software>("valid", {"hardware", "software"})),
      quiet(words_key<&Config::window, Window::Limit, Window::References>("window", {"limit", "references"})),
      quiet(words_key<&Config::out_list, OutListEnd::Write, OutListEnd::Keep>("out-list", {"write", "keep"})),
      quiet(
          words_key<&Config::frame_wait, FrameWait::Unlocked, FrameWait::Locked>("frame-wait", {"unlocked", "locked"})),
      quiet(
          words_key<&Config::stealer, StealBy::Age, StealBy::Clock, StealBy::Fifo, StealBy::Lru, StealBy::Nru,
                    StealBy::Random, StealBy::Opt>("stealer", {"age", "clock", "fifo", "lru", "nru", "random", "opt"})),
      quiet(words_key<&Config::disk_copy, DiskCopy::Drop, DiskCopy::Keep>("disk-copy", {"drop", "keep"})),
      {.name = "block"},
      {.name = "page"}};
  return list;
}

std::vector<std::string_view> key_names() {
  std::vector<std::string_view> names;
  for (const Key& key : keys()) names.push_back(key.name);
  return names;
}

class Configurer {
 public:
  Configurer(std::vector<Diagnostic> found, const ParamValues& params) : errors(std::move(found)), params_(params) {}

  Config config;
  std::vector<Diagnostic> errors;

  // Does one of those below. Where an expression has no value, that is one error more.
  template <class What>
  void attempt(void (Configurer::*what)(const What&), const What& of) {
    try {
      (this->*what)(of);
    } catch (Diagnostic& mistake) {
      errors.push_back(std::move(mistake));
    }
  }

  // `page`, which sizes in bytes depend on wherever it stands.
  void apply_page(const Setting& setting) {
    if (setting.key == "page") set_page(setting);
  }

  void apply(const Setting& setting) {
    places_[setting.key] = setting.value_place;
    const auto key = std::ranges::find(keys(), setting.key, &Key::name);
    if (key != keys().end()) {
      if (!key->words.empty())
        set_word(setting, *key);
      else if (key->name == "swap")
        set_swap(setting);
      else if (key->name == "block")
        set_block(setting);
      else if (key->name != "page")
        set_number(setting, *key);
      return;
    }
    error(setting.key_place, "a machine has no `{}`{}", setting.key, did_you_mean(setting.key, key_names()));
  }

  // Checks what depends on several keys.
  void check_together() {
    if (config.reserve >= config.frames)
      error(where_set({"reserve", "frames"}), "no frame is left: reserve={} of frames={}", config.reserve,
            config.frames);
    const std::uint64_t room = config.frames - std::min(config.reserve, config.frames);
    for (const auto& [key, value] : {std::pair{"low", config.low}, {"high", config.high}}) {
      if (value > room && room > 0)
        error(where_set({key, "reserve", "frames"}), "{}={} is above the {} that can be handed out", key, value,
              count_text(room, "frame"));
    }
  }

  // Who refers to what when depends on the faults there, and so on the stealer.
  void check_stealer() {
    if (config.stealer == StealBy::Opt && config.io == IoMode::Sleep)
      error(where_set({"stealer"}), "stealer=opt knows what is to come only where nobody sleeps for a page: io=atomic");
  }

  // `window=references` says which references a working set is of, not of how many.
  void check_window(const std::vector<ProgramDeclaration>& programs) {
    const bool any = std::ranges::any_of(programs, [this](const ProgramDeclaration& declared) {
      return declared.working_set.value_or(static_cast<std::uint32_t>(config.working_set)) > 0;
    });
    if (config.window == Window::References && config.working_set == 0 && !any)
      error(where_set({"window"}), "no program has a working set: `working-set=` says of how many references");
  }

  void check_numbers(const ProgramDeclaration& declared) {
    for (const auto* section : {&declared.text, &declared.data, &declared.bss, &declared.stack}) {
      if (size_of(*section, config.page, params_) > kMaxSection)
        error(section->place, "a section has at most {}G", kMaxSection * config.page >> 30);
      const auto start = start_of(*section, params_);
      if (start && *start % config.page != 0)
        error(section->start_place, "a section begins at a multiple of the page, {}", bytes_text(config.page));
      if (start && *start >= kDataEnd.value) error(section->start_place, "a section begins below 128G");
    }
    for (const Expr* block : declared.file_blocks) {
      if (constant_count(block, params_, "a block") > kMaxFileBlock)
        error(block->place, "a disk block is at most 2^56");
    }
  }

  struct Indexed {
    const std::vector<ProgramDeclaration>& all;
    std::size_t index;
  };
  void check_program(const Indexed& of) {
    const auto& [all, index] = of;
    const ProgramDeclaration& declared = all[index];
    const Program program = program_of(all, index, config.page, params_);
    const Place place = declared.place;
    for (const auto& [section, name, pages] :
         {std::tuple(&declared.text, "text", program.text), {&declared.data, "data", program.data}}) {
      if (declared.file_of && section->size != nullptr && size_of(*section, config.page, params_) != pages)
        error(section->place, "`{}` runs the file of `{}`, whose {} is {}", program.name,
              all[declared.file_of->value].name, name, count_text(pages, "page"));
    }
    const std::uint64_t end = data_start(program.text).value + (program.data + program.bss) * kPageSize;
    if (end > kDataEnd.value) error(place, "program `{}` does not fit: text and data end at 128G", program.name);
    if (program.stack > config.stack_limit)
      error(place, "program `{}` does not fit: stack={} is above stack-limit={}", program.name, program.stack,
            config.stack_limit);
    if (program.starts) check_starts(declared, program);
  }

  // A block of swap that an expectation names must be there, or the expectation would be about nothing.
  void check_compared(const ComparedBlock& compared) {
    if (compared.device > config.swap.size())
      error(compared.place, "there is no swap device {}: the machine has {}", compared.device,
            count_text(config.swap.size(), "device"));
    else if (compared.block > config.swap[compared.device - 1])
      error(compared.place, "swap device {} has no block {}: it has {}", compared.device, compared.block,
            count_text(config.swap[compared.device - 1], "block"));
  }

 private:
  // The addresses that the sections are shown at must tell them apart.
  void check_starts(const ProgramDeclaration& declared, const Program& program) {
    struct Extent {
      std::string_view name;
      std::uint64_t start;
      std::uint64_t end;
      const ProgramDeclaration::Section* section;
    };
    const auto extent = [this](std::string_view name, std::uint64_t start, std::uint64_t pages, const auto& section) {
      return Extent{name, start, start + pages * config.page, &section};
    };
    std::array sections{extent("text", program.starts->text, program.text, declared.text),
                        extent("data", program.starts->data, program.data + program.bss, declared.data),
                        extent("stack", program.starts->stack, program.stack, declared.stack)};
    std::ranges::stable_sort(sections, {}, &Extent::start);
    const Extent* before = nullptr;
    for (const Extent& section : sections) {
      if (section.start == section.end) continue;
      const Place place = section.section->start != nullptr ? section.section->start_place : declared.place;
      if (before != nullptr && section.start < before->end)
        error(place, "{} begins at {}, but {} ends at {}", section.name, bytes_text(section.start), before->name,
              bytes_text(before->end));
      if (section.end > kDataEnd.value)
        error(place, "program `{}` does not fit: its {} ends above 128G", program.name, section.name);
      before = &section;
    }
  }

  template <class... Args>
  void error(Place place, fmt::format_string<Args...> what, Args&&... args) {
    errors.push_back({place, fmt::format(what, std::forward<Args>(args)...)});
  }

  // Where the first of these keys that was set stands.
  Place where_set(std::initializer_list<std::string_view> names) const {
    for (const std::string_view key : names) {
      if (const auto at = places_.find(key); at != places_.end()) return at->second;
    }
    return {};
  }

  static bool is_number(const Setting::Value& value) { return !value.word || value.constant != nullptr; }

  [[nodiscard]] std::uint64_t number_of(const Setting::Value& value, std::string_view key) const {
    return value.constant == nullptr ? value.number : constant_count(value.constant, params_, fmt::format("`{}`", key));
  }

  // The one value of a setting.
  const Setting::Value* single(const Setting& setting, bool word) {
    const Setting::Value& value = setting.values.front();
    if (setting.values.size() > 1)
      error(setting.values[1].place, "`{}` takes one value", setting.key);
    else if (word ? !value.word : !is_number(value))
      error(value.place, "`{}` takes a {}, not `{}`", setting.key, word ? "word" : "number", value.text);
    else
      return &value;
    return nullptr;
  }

  void set_number(const Setting& setting, const Key& key) {
    const Setting::Value* value = single(setting, false);
    if (value == nullptr) return;
    const std::uint64_t given = number_of(*value, setting.key);
    const std::uint64_t number = key.size ? pages_of(given, value->suffixed, config.page) : given;
    if (number < key.least || number > key.most)
      error(value->place, "`{}` is {}", key.name,
            key.limit != nullptr ? fmt::format("{} or more", key.least)
                                 : fmt::format("from {} to {}", key.least, key.most));
    else if (key.limit != nullptr)
      config.*key.limit = number;
    else
      config.*key.number = number;
  }

  void set_word(const Setting& setting, const Key& key) {
    const Setting::Value* value = single(setting, true);
    if (value == nullptr) return;
    const auto word = std::ranges::find(key.words, value->text);
    if (word != key.words.end())
      key.set(config, static_cast<std::size_t>(word - key.words.begin()));
    else
      error(value->place, "`{}` is one of {}, not `{}`{}", key.name, fmt::join(key.words, ", "), value->text,
            did_you_mean(value->text, key.words));
  }

  void set_swap(const Setting& setting) {
    std::vector<std::uint64_t> devices;
    std::uint64_t total = 0;
    for (const Setting::Value& value : setting.values) {
      if (!is_number(value)) {
        error(value.place, "`swap` takes numbers of blocks, not `{}`", value.text);
        return;
      }
      devices.push_back(pages_of(number_of(value, "swap"), value.suffixed, config.page));
      if (devices.back() == 0 && setting.values.size() > 1) {
        error(value.place, "a swap device has at least 1 block");
        return;
      }
      if (devices.size() > DiskBlock::kMaxDevice || devices.back() > kMaxSwapBlocks - total) {
        error(value.place, "swap is at most {} blocks on {} devices", kMaxSwapBlocks, DiskBlock::kMaxDevice);
        return;
      }
      total += devices.back();
    }
    if (total == 0) devices.clear();
    config.swap = std::move(devices);
  }

  void set_page(const Setting& setting) {
    const Setting::Value* value = single(setting, false);
    if (value == nullptr) return;
    const std::uint64_t number = number_of(*value, "page");
    if (std::ranges::find(kLabelPages, number) == kLabelPages.end())
      error(value->place, "`page` is one of 512, 1K, 2K, 4K");
    else
      config.page = number;
  }

  void set_block(const Setting& setting) {
    const Setting::Value* value = single(setting, false);
    if (value == nullptr) return;
    const std::uint64_t number = number_of(*value, "block");
    if (std::ranges::find(kBlocks, number) == kBlocks.end())
      error(value->place, "`block` is one of 512, 1K, 2K, 4K, 8K, 16K, 32K, 64K");
    else
      config.block = number;
  }

  const ParamValues& params_;
  std::map<std::string_view, Place> places_;
};

}  // namespace

std::expected<Config, std::vector<Diagnostic>> configure(const Script& script, std::span<const Setting> overrides,
                                                         std::vector<Diagnostic> errors, ParamValues params) {
  if (params.empty() && !script.params.empty()) {
    if (!errors.empty()) return std::unexpected(std::move(errors));  // the params may be among them
    auto chosen = choose(script);
    if (!chosen) return std::unexpected(std::move(chosen.error()));
    params = std::move(*chosen);
  }
  const std::size_t found = errors.size();
  Configurer configurer(std::move(errors), params);
  for (const auto apply : {&Configurer::apply_page, &Configurer::apply}) {
    for (const Setting& setting : script.settings) configurer.attempt(apply, setting);
    for (const Setting& setting : overrides) configurer.attempt(apply, setting);
  }
  for (const ProgramDeclaration& declared : script.programs) configurer.attempt(&Configurer::check_numbers, declared);
  // Only where every setting is known: else these would be mistaken themselves.
  if (configurer.errors.empty()) {
    configurer.check_together();
    configurer.check_stealer();
    configurer.check_window(script.programs);
    for (std::size_t i = 0; i < script.programs.size(); ++i)
      configurer.attempt(&Configurer::check_program, {script.programs, i});
    for (const ComparedBlock& compared : script.swap_compared) configurer.check_compared(compared);
  }
  if (configurer.errors.empty()) return configurer.config;
  if (configurer.errors.size() > found)
    std::ranges::stable_sort(configurer.errors, {}, [](const Diagnostic& error) { return error.place.offset; });
  if (configurer.errors.size() > kMaxErrors) configurer.errors.resize(kMaxErrors);
  return std::unexpected(std::move(configurer.errors));
}

std::vector<Program> programs_of(const Script& script, const Config& config, const ParamValues& params) {
  std::vector<Program> programs;
  for (std::size_t i = 0; i < script.programs.size(); ++i)
    programs.push_back(program_of(script.programs, i, config.page, params));
  return programs;
}

std::vector<KeyValue> settings_of(const Config& config) {
  std::vector<KeyValue> settings;
  for (const Key& key : keys()) {
    if (key.quiet && key.get(config) == 0) continue;
    if (key.name == "block" && config.block == 0) continue;
    KeyValue& shown = settings.emplace_back(key.name, std::monostate{});
    if (!key.words.empty())
      shown.value = key.words[key.get(config)];
    else if (key.name == "swap")
      shown.value = config.swap;
    else if (key.name == "block")
      shown.value = config.block;
    else if (key.name == "page")
      shown.value = config.page;
    else if (key.number != nullptr)
      shown.value = config.*key.number;
    else if (config.*key.limit)
      shown.value = *(config.*key.limit);
  }
  return settings;
}

std::vector<MachineKey> machine_keys() {
  std::vector<MachineKey> all;
  for (const Key& key : keys()) all.push_back({.name = key.name, .words = key.words});
  return all;
}

}  // namespace bachsim
