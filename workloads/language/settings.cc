#include "workloads/language/settings.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <map>

#include "regions/layout.h"
#include "regions/pfdata.h"
#include "workloads/language/parser.h"
#include "workloads/language/place_text.h"

namespace bachsim {
namespace {

constexpr std::uint64_t kMaxSwapBlocks = std::uint64_t{1} << 32;
constexpr std::uint64_t kMaxTlb = std::uint64_t{1} << 16;
constexpr std::uint64_t kMaxStack = (kStackEnd.value - kShmStart.value) / kPageSize;
constexpr std::uint64_t kMaxSection = kDataEnd.value / kPageSize;
constexpr std::array<std::uint64_t, 4> kLabelPages{512, 1024, 2048, 4096};
constexpr std::uint64_t kLabelSpan = 64 * 1024;  // sections begin at multiples of it where the script does not say

std::uint64_t pages_of(std::uint64_t number, bool suffixed, std::uint64_t page) {
  return suffixed ? number / page + (number % page != 0 ? 1 : 0) : number;
}

Program program_of(const ProgramDeclaration& declared, std::uint64_t page) {
  const auto size = [page](const ProgramDeclaration::Section& section) {
    return pages_of(section.number, section.suffixed, page);
  };
  Program program{.name = declared.name,
                  .text = size(declared.text),
                  .data = size(declared.data),
                  .bss = size(declared.bss),
                  .stack = size(declared.stack),
                  .unaligned = declared.unaligned,
                  .sticky = declared.sticky,
                  .file_blocks = declared.file_blocks};
  if (page == kPageSize && !declared.text.start && !declared.data.start && !declared.stack.start)
    return program;
  const auto behind = [page](std::uint64_t start, std::uint64_t pages) {
    return round_up(start + std::max<std::uint64_t>(pages * page, 1), kLabelSpan);
  };
  SectionStarts starts{.text = declared.text.start.value_or(0)};
  const std::uint64_t behind_text = behind(starts.text, program.text);
  starts.data = declared.data.start.value_or(behind_text);
  starts.stack = declared.stack.start.value_or(std::max(behind_text, behind(starts.data, program.data + program.bss)));
  program.starts = starts;
  return program;
}

// A word that a key takes, and what it stands for.
template <class T>
struct Choice {
  std::string_view word;
  T value;
};

constexpr std::array kModes{Choice{"sv39", PagingMode::Sv39}, Choice{"sv48", PagingMode::Sv48},
                            Choice{"sv57", PagingMode::Sv57}};
constexpr std::array kForks{Choice{"cow", ForkMode::Cow}, Choice{"copy", ForkMode::Copy},
                            Choice{"vfork", ForkMode::Vfork}};
constexpr std::array kVforks{Choice{"share", VforkMode::Share}, Choice{"fork", VforkMode::Fork}};
constexpr std::array kFirsts{Choice{"parent", RunsFirst::Parent}, Choice{"child", RunsFirst::Child}};
constexpr std::array kPagings{Choice{"on", PagingPolicy::On}, Choice{"off", PagingPolicy::Off},
                              Choice{"hybrid", PagingPolicy::Hybrid}};
constexpr std::array kSwapMaps{Choice{"extents", SwapMapKind::Extents}, Choice{"bits", SwapMapKind::Bits}};
constexpr std::array kAds{Choice{"hardware", AdUpdate::Hardware}, Choice{"software", AdUpdate::Software}};

template <class Choices, class T>
std::string_view word_of(const Choices& choices, T value) {
  return std::ranges::find(choices, value, [](const auto& choice) { return choice.value; })->word;
}

class Configurer {
 public:
  Config config;
  std::vector<Diagnostic> errors;

  // What sizes in bytes mean, wherever it stands.
  void apply_page(const Setting& setting) {
    if (setting.key == "page")
      page(setting);
  }

  void apply(const Setting& setting) {
    places_[setting.key] = setting.value_place;
    const auto key = std::ranges::find(kKeys, setting.key, &Key::name);
    if (key == kKeys.end()) {
      std::vector<std::string_view> known;
      for (const Key& candidate : kKeys)
        known.push_back(candidate.name);
      error(setting.key_place, fmt::format("a machine has no `{}`{}", setting.key, did_you_mean(setting.key, known)));
      return;
    }
    (this->*key->apply)(setting);
  }

  // What no key can check alone.
  void check_together() {
    if (config.reserve >= config.frames)
      error(place_of({"reserve", "frames"}),
            fmt::format("no frame is left: reserve={} of frames={}", config.reserve, config.frames));
    const std::uint64_t room = config.frames - std::min(config.reserve, config.frames);
    for (const auto& [key, value] : {std::pair{"low", config.low}, {"high", config.high}}) {
      if (value > room && room > 0)
        error(place_of({key, "reserve", "frames"}),
              fmt::format("{}={} is above the {} frames there are to hand out", key, value, room));
    }
  }

  void check_sections(const ProgramDeclaration& declared) {
    for (const auto* section : {&declared.text, &declared.data, &declared.bss, &declared.stack}) {
      if (pages_of(section->number, section->suffixed, config.page) > kMaxSection)
        error(section->place, fmt::format("a section has at most {}G", kMaxSection * config.page >> 30));
      if (section->start && *section->start % config.page != 0)
        error(section->start_place,
              fmt::format("a section begins at a multiple of the page, {}", bytes_text(config.page)));
      if (section->start && *section->start >= kDataEnd.value)
        error(section->start_place, "a section begins below 128G");
    }
  }

  void check_program(const ProgramDeclaration& declared) {
    const Program program = program_of(declared, config.page);
    const Place place = declared.place;
    const std::uint64_t end = data_start(program.text).value + (program.data + program.bss) * kPageSize;
    if (end > kDataEnd.value)
      error(place, fmt::format("program `{}` does not fit: text and data end at 128G", program.name));
    if (program.stack > config.stack_limit)
      error(place, fmt::format("program `{}` does not fit: stack={} is above stack-limit={}", program.name,
                               program.stack, config.stack_limit));
    if (program.starts)
      check_starts(declared, program);
  }

 private:
  struct Key {
    std::string_view name;
    void (Configurer::*apply)(const Setting&);
  };

  // The addresses that the sections are shown at must tell them apart.
  void check_starts(const ProgramDeclaration& declared, const Program& program) {
    struct Shown {
      std::string_view name;
      std::uint64_t start;
      std::uint64_t end;
      const ProgramDeclaration::Section* section;
    };
    const auto shown = [this](std::string_view name, std::uint64_t start, std::uint64_t pages, const auto& section) {
      return Shown{name, start, start + pages * config.page, &section};
    };
    std::array sections{shown("text", program.starts->text, program.text, declared.text),
                        shown("data", program.starts->data, program.data + program.bss, declared.data),
                        shown("stack", program.starts->stack, program.stack, declared.stack)};
    std::ranges::stable_sort(sections, {}, &Shown::start);
    const Shown* before = nullptr;
    for (const Shown& section : sections) {
      if (section.start == section.end)
        continue;
      const Place place = section.section->start ? section.section->start_place : declared.place;
      if (before != nullptr && section.start < before->end)
        error(place, fmt::format("{} begins at {}, but {} ends at {}", section.name, bytes_text(section.start),
                                 before->name, bytes_text(before->end)));
      if (section.end > kDataEnd.value)
        error(place, fmt::format("program `{}` does not fit: its {} ends above 128G", program.name, section.name));
      before = &section;
    }
  }

  void error(Place place, std::string what) {
    if (errors.size() < kMaxErrors)
      errors.push_back({place, std::move(what)});
  }

  // Where the first of these keys that was set stands.
  Place place_of(std::initializer_list<std::string_view> keys) const {
    for (const std::string_view key : keys) {
      if (const auto at = places_.find(key); at != places_.end())
        return at->second;
    }
    return {};
  }

  // The one value of a setting.
  const Setting::Value* single(const Setting& setting, bool word) {
    const Setting::Value& value = setting.values.front();
    if (setting.values.size() > 1)
      error(setting.values[1].place, fmt::format("`{}` takes one value", setting.key));
    else if (value.word != word)
      error(value.place, fmt::format("`{}` takes a {}, not `{}`", setting.key, word ? "word" : "number", value.text));
    else
      return &value;
    return nullptr;
  }

  bool in_range(const Setting& setting, const Setting::Value& value, std::uint64_t number, std::uint64_t least,
                std::uint64_t most) {
    if (number >= least && number <= most)
      return true;
    if (most == ~std::uint64_t{0})
      error(value.place, fmt::format("`{}` is {} or more", setting.key, least));
    else
      error(value.place, fmt::format("`{}` is from {} to {}", setting.key, least, most));
    return false;
  }

  [[nodiscard]] std::uint64_t pages(const Setting::Value& value) const {
    return pages_of(value.number, value.suffixed, config.page);
  }

  void set_size(const Setting& setting, std::uint64_t& target, std::uint64_t least, std::uint64_t most) {
    const Setting::Value* value = single(setting, false);
    if (value != nullptr && in_range(setting, *value, pages(*value), least, most))
      target = pages(*value);
  }

  template <class Number>
  void set_number(const Setting& setting, Number& target, std::uint64_t least, std::uint64_t most) {
    const Setting::Value* value = single(setting, false);
    if (value != nullptr && in_range(setting, *value, value->number, least, most))
      target = value->number;
  }

  template <class Choices, class T>
  void set_word(const Setting& setting, const Choices& choices, T& target) {
    const Setting::Value* value = single(setting, true);
    if (value == nullptr)
      return;
    std::vector<std::string_view> known;
    for (const auto& choice : choices) {
      known.push_back(choice.word);
      if (choice.word == value->text) {
        target = choice.value;
        return;
      }
    }
    error(value->place, fmt::format("`{}` is one of {}, not `{}`{}", setting.key, fmt::join(known, ", "), value->text,
                                    did_you_mean(value->text, known)));
  }

  void frames(const Setting& s) { set_size(s, config.frames, 1, PfdataTable::kMaxFrames); }
  void reserve(const Setting& s) { set_size(s, config.reserve, 0, PfdataTable::kMaxFrames); }
  void low(const Setting& s) { set_size(s, config.low, 0, PfdataTable::kMaxFrames); }
  void high(const Setting& s) { set_size(s, config.high, 0, PfdataTable::kMaxFrames); }
  void stack_limit(const Setting& s) { set_size(s, config.stack_limit, 0, kMaxStack); }
  void max_age(const Setting& s) { set_number(s, config.max_age, 0, Dbd::kMaxAge); }
  void cluster(const Setting& s) { set_number(s, config.cluster, 1, PfdataTable::kMaxFrames); }
  void tlb(const Setting& s) { set_number(s, config.tlb, 1, kMaxTlb); }
  void working_set(const Setting& s) { set_number(s, config.working_set, 0, PfdataTable::kMaxFrames); }
  void nproc(const Setting& s) { set_number(s, config.nproc, 2, ~std::uint64_t{0}); }
  void nregion(const Setting& s) { set_number(s, config.nregion, 0, ~std::uint64_t{0}); }
  void tables(const Setting& s) { set_number(s, config.tables, 0, ~std::uint64_t{0}); }
  void prepage(const Setting& s) { set_size(s, config.prepage, 0, PfdataTable::kMaxFrames); }
  void mode(const Setting& s) { set_word(s, kModes, config.mode); }
  void fork(const Setting& s) { set_word(s, kForks, config.fork); }
  void vfork(const Setting& s) { set_word(s, kVforks, config.vfork); }
  void first(const Setting& s) { set_word(s, kFirsts, config.first); }
  void ad(const Setting& s) { set_word(s, kAds, config.ad); }

  void swap_map(const Setting& s) { set_word(s, kSwapMaps, config.swap_map); }
  void paging(const Setting& s) { set_word(s, kPagings, config.paging); }

  void page(const Setting& setting) {
    const Setting::Value* value = single(setting, false);
    if (value == nullptr)
      return;
    if (std::ranges::find(kLabelPages, value->number) == kLabelPages.end())
      error(value->place, "`page` is one of 512, 1K, 2K, 4K");
    else
      config.page = value->number;
  }

  void nothing(const Setting&) {}  // apply_page() has done it

  void swap(const Setting& setting) {
    std::vector<std::uint64_t> devices;
    std::uint64_t total = 0;
    for (const Setting::Value& value : setting.values) {
      if (value.word) {
        error(value.place, fmt::format("`swap` takes numbers of blocks, not `{}`", value.text));
        return;
      }
      devices.push_back(pages(value));
      if (devices.back() == 0 && setting.values.size() > 1) {
        error(value.place, "a swap device has at least 1 block");
        return;
      }
      if (devices.size() > DiskBlock::kMaxDevice || devices.back() > kMaxSwapBlocks - total) {
        error(value.place,
              fmt::format("swap is at most {} blocks on {} devices", kMaxSwapBlocks, DiskBlock::kMaxDevice));
        return;
      }
      total += devices.back();
    }
    if (total == 0)
      devices.clear();
    config.swap = std::move(devices);
  }

  static constexpr std::array kKeys{Key{"frames", &Configurer::frames},
                                    Key{"reserve", &Configurer::reserve},
                                    Key{"swap", &Configurer::swap},
                                    Key{"mode", &Configurer::mode},
                                    Key{"fork", &Configurer::fork},
                                    Key{"vfork", &Configurer::vfork},
                                    Key{"ad", &Configurer::ad},
                                    Key{"paging", &Configurer::paging},
                                    Key{"low", &Configurer::low},
                                    Key{"high", &Configurer::high},
                                    Key{"max-age", &Configurer::max_age},
                                    Key{"cluster", &Configurer::cluster},
                                    Key{"tlb", &Configurer::tlb},
                                    Key{"stack-limit", &Configurer::stack_limit},
                                    Key{"nproc", &Configurer::nproc},
                                    Key{"nregion", &Configurer::nregion},
                                    Key{"tables", &Configurer::tables},
                                    Key{"first", &Configurer::first},
                                    Key{"prepage", &Configurer::prepage},
                                    Key{"working-set", &Configurer::working_set},
                                    Key{"swap-map", &Configurer::swap_map},
                                    Key{"page", &Configurer::nothing}};

  std::map<std::string_view, Place> places_;
};

}  // namespace

std::expected<Config, std::vector<Diagnostic>> configure(const Script& script, std::span<const Setting> overrides,
                                                         std::vector<Diagnostic> errors) {
  Configurer configurer;
  for (const auto apply : {&Configurer::apply_page, &Configurer::apply}) {
    for (const Setting& setting : script.settings)
      (configurer.*apply)(setting);
    for (const Setting& setting : overrides)
      (configurer.*apply)(setting);
  }
  for (const ProgramDeclaration& declared : script.programs)
    configurer.check_sections(declared);
  // Only where every setting is known: else these would be mistaken themselves.
  if (configurer.errors.empty() && errors.empty()) {
    configurer.check_together();
    for (const ProgramDeclaration& declared : script.programs)
      configurer.check_program(declared);
  }
  if (errors.empty() && configurer.errors.empty())
    return configurer.config;
  if (configurer.errors.empty())
    return std::unexpected(std::move(errors));
  std::ranges::move(configurer.errors, std::back_inserter(errors));
  std::ranges::stable_sort(errors, {}, [](const Diagnostic& error) { return error.place.offset; });
  if (errors.size() > kMaxErrors)
    errors.erase(errors.begin() + kMaxErrors, errors.end());
  return std::unexpected(std::move(errors));
}

std::vector<Program> programs_of(const Script& script, const Config& config) {
  std::vector<Program> programs;
  for (const ProgramDeclaration& declared : script.programs)
    programs.push_back(program_of(declared, config.page));
  return programs;
}

std::vector<KeyValue> settings_of(const Config& config) {
  const auto limit = [](const std::optional<std::uint64_t>& value) -> decltype(KeyValue::value) {
    if (value)
      return *value;
    return std::monostate{};
  };
  return {{"frames", config.frames},
          {"reserve", config.reserve},
          {"swap", config.swap},
          {"mode", word_of(kModes, config.mode)},
          {"fork", word_of(kForks, config.fork)},
          {"vfork", word_of(kVforks, config.vfork)},
          {"ad", word_of(kAds, config.ad)},
          {"paging", word_of(kPagings, config.paging)},
          {"low", config.low},
          {"high", config.high},
          {"max-age", config.max_age},
          {"cluster", config.cluster},
          {"tlb", config.tlb},
          {"stack-limit", config.stack_limit},
          {"nproc", limit(config.nproc)},
          {"nregion", limit(config.nregion)},
          {"tables", limit(config.tables)},
          {"first", word_of(kFirsts, config.first)},
          {"prepage", config.prepage},
          {"working-set", config.working_set},
          {"swap-map", word_of(kSwapMaps, config.swap_map)},
          {"page", config.page}};
}

}  // namespace bachsim
