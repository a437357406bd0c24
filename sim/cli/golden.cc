#include "sim/cli/golden.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <fnmatch.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <fstream>
#include <iterator>
#include <optional>
#include <system_error>

#include "sim/cli/host.h"
#include "workloads/language/characters.h"
#include "workloads/language/diagnostic.h"
#include "workloads/language/source.h"

namespace bachsim {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kMostOutput = std::uint64_t{256} << 20;
constexpr std::string_view kBlanks = " \t";
// The endings of a test's files.
constexpr std::string_view kInput = ".in";
constexpr std::string_view kOutput = ".expected";
constexpr std::string_view kErrors = ".errors";

// The file's text; nothing if it cannot be read.
std::optional<std::string> text_of(const fs::path& file) {
  std::ifstream stream(file, std::ios::binary);
  if (!stream || fs::is_directory(file)) return std::nullopt;
  std::string text{std::istreambuf_iterator<char>(stream), {}};
  if (stream.bad()) return std::nullopt;
  return text;
}

// NAME of NAME.bach.
fs::path without_ending(const fs::path& script) {
  return script.extension() == ".bach" ? fs::path(script).replace_extension() : script;
}

fs::path with(const fs::path& beside, std::string_view ending) {
  fs::path path = beside;
  path += ending;
  return path;
}

// Behind `# word:` of a comment.
std::optional<std::string_view> said(std::string_view line, std::string_view word) {
  line.remove_prefix(1);
  line.remove_prefix(std::min(line.find_first_not_of(kBlanks), line.size()));
  if (!line.starts_with(word) || !line.substr(word.size()).starts_with(':')) return std::nullopt;
  line.remove_prefix(word.size() + 1);
  line.remove_prefix(std::min(line.find_first_not_of(kBlanks), line.size()));
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

// A file's name as a word of a command line, where one that begins as an option does is none.
std::string as_word(const std::string& name) { return name.starts_with('-') ? "./" + name : name; }

// Fills in what the words of `#run:` leave out.
void set_words(Golden& golden, std::vector<std::string> words, const GoldenOptions& options) {
  golden.words = std::move(words);
  const auto known = [&options](const std::string& word) {
    return std::ranges::find(options.commands, word) != options.commands.end();
  };
  const bool whole = !golden.words.empty() && golden.words.front() == "bachsim";
  if (whole)
    golden.words.erase(golden.words.begin());
  else if (golden.words.empty() || !known(golden.words.front()))
    golden.words.insert(golden.words.begin(), "run");
  bool named = false;
  for (std::string& word : golden.words) {
    if (word == "FILE")
      word = as_word(golden.script.filename());
    else if (word == "NAME")
      word = as_word(golden.beside.filename());
    else
      continue;
    named = true;
  }
  if (!named && !whole) golden.words.push_back(as_word(golden.script.filename()));
}

// The head of a script, line by line.
class HeadReader {
 public:
  HeadReader(Golden& golden, const GoldenOptions& options) : golden_(golden), options_(options) {}

  void read(std::istream& stream) {
    std::vector<std::string> words = options_.command;
    for (std::string line; stream.peek() == '#' && golden_.trouble.empty() && text_.size() < Sources::kMaxBytes;) {
      line = line_of(stream);
      if (const auto run = said(line, "run")) take_words(line, *run, words);
      if (const auto status = said(line, "status")) take_status(line, *status);
      text_ += line + '\n';
    }
    set_words(golden_, std::move(words), options_);
  }

 private:
  // Without its end. What is longer than a script may be is cut off.
  static std::string line_of(std::istream& stream) {
    std::string line;
    for (char c = 0; line.size() < Sources::kMaxBytes && stream.get(c) && c != '\n';) line += c;
    return line;
  }

  void take_words(const std::string& line, std::string_view text, std::vector<std::string>& words) {
    auto split = split_words(text);
    if (split)
      words = std::move(*split);
    else
      fail(line, column_of(line, text) + split.error().at, split.error().why);
  }

  void take_status(const std::string& line, std::string_view text) {
    const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), golden_.status);
    if (error != std::errc{} || stop != text.data() + text.size() || golden_.status < 0 || golden_.status > 255)
      fail(line, column_of(line, text), fmt::format("`{}` is no exit status: a number from 0 to 255", text));
  }

  // REQUIRES: `text` is a part of `line`
  [[nodiscard]] static std::size_t column_of(const std::string& line, std::string_view text) {
    return static_cast<std::size_t>(text.data() - line.data());
  }

  // REQUIRES: column <= line.size()
  void fail(const std::string& line, std::size_t column, std::string_view why) {
    Sources sources;
    const std::size_t file = sources.add(golden_.script.string(), text_ + line + '\n');
    const auto offset = static_cast<std::uint32_t>(text_.size() + column);
    golden_.trouble = "its head says how it is run, and cannot be read";
    golden_.place = render(sources, {.place = {sources.start(file).offset + offset}, .what = std::string(why)});
  }

  Golden& golden_;
  const GoldenOptions& options_;
  std::string text_{};  // what has been read
};

Golden read_head(fs::path script, const fs::path& folder, const GoldenOptions& options) {
  Golden golden{.script = std::move(script)};
  golden.beside = without_ending(golden.script);
  golden.expected =
      options.expected.empty() ? golden.beside : options.expected / golden.beside.lexically_relative(folder);
  // All else may never end, or never begin, and no --timeout counts while a file is opened or read here.
  for (const fs::path& file : golden.files()) {
    std::error_code error;
    if (!fs::exists(file, error) || fs::is_regular_file(file, error)) continue;
    golden.trouble = fmt::format("{}: it is no plain file", printable(file.string()));
    return golden;
  }
  std::ifstream stream(golden.script, std::ios::binary);
  if (!stream) {
    golden.trouble = fmt::format("it cannot be read: {}", std::strerror(errno));
    return golden;
  }
  HeadReader(golden, options).read(stream);
  return golden;
}

// The files of a folder and those below it, but for hidden ones.
std::vector<fs::path> files_below(const fs::path& folder, std::error_code& error) {
  std::vector<fs::path> files;
  for (fs::recursive_directory_iterator at(folder, error), end; !error && at != end; at.increment(error)) {
    if (!at->path().filename().string().starts_with('.'))
      files.push_back(at->path().lexically_normal());
    else if (at->is_directory(error))
      at.disable_recursion_pending();
  }
  return files;
}

bool wanted(const fs::path& path, const GoldenOptions& options) {
  return options.filter.empty() || fnmatch(fmt::format("*{}*", options.filter).c_str(), path.c_str(), 0) == 0;
}

// A unified difference as a terminal may have it: what is expected may be somebody else's file, whose bytes are
// nobody's orders.
std::string shown_difference(std::string_view lines) {
  std::string shown;
  while (!lines.empty()) {
    const std::size_t end = std::min(lines.find('\n'), lines.size());
    shown += printable(lines.substr(0, end), true) + "\n";
    lines.remove_prefix(std::min(end + 1, lines.size()));
  }
  return shown;
}

// The unified difference, as the program `diff` shows it. Empty if it cannot.
std::string difference(const fs::path& old, const std::string& name, const Descriptor& now) {
  const Descriptor output = Descriptor::memory();
  const Descriptor nothing(open("/dev/null", O_RDWR | O_CLOEXEC));
  lseek(now.number(), 0, SEEK_SET);  // the program that wrote it left it at its end
  auto child = Child::start({.words = {"diff", "-u", "--label", name, "--label", "what came", "--", old.string(), "-"},
                             .folder = {},
                             .input = now.number(),
                             .output = output.number(),
                             .errors = nothing.number(),
                             .most_output = kMostOutput});
  if (!child) return {};
  child->wait();
  return shown_difference(output.text());
}

}  // namespace

std::expected<std::vector<std::string>, BadWords> split_words(std::string_view line) {
  std::vector<std::string> words;
  bool in_word = false;
  constexpr std::size_t kNone = std::string_view::npos;
  std::size_t quote = kNone;  // the one that is open
  for (std::size_t i = 0; i < line.size(); ++i) {
    if (quote == kNone && kBlanks.find(line[i]) != std::string_view::npos) {
      in_word = false;
      continue;
    }
    if (!in_word) words.emplace_back();
    in_word = true;
    if (quote != kNone && line[i] == line[quote]) {
      quote = kNone;
    } else if (quote == kNone && (line[i] == '"' || line[i] == '\'')) {
      quote = i;
    } else if (line[i] != '\\') {
      words.back() += line[i];
    } else if (i + 1 < line.size() && std::string_view("\\\"' ").find(line[i + 1]) != std::string_view::npos) {
      words.back() += line[++i];
    } else {
      return std::unexpected(BadWords{i, "a `\\` stands before a quote, a blank or another `\\`"});
    }
  }
  if (quote != kNone) return std::unexpected(BadWords{quote, "this quote is not closed"});
  return words;
}

std::vector<fs::path> Golden::files() const {
  return {script, with(beside, kInput), with(expected, kOutput), with(expected, kErrors)};
}

std::expected<std::vector<Golden>, std::string> find_goldens(const fs::path& where, const GoldenOptions& options) {
  std::error_code error;
  std::vector<Golden> goldens;
  if (!fs::is_directory(where, error)) {
    if (!fs::exists(where, error)) return std::unexpected(fmt::format("{}: there is no such file", where.string()));
    if (wanted(where, options)) goldens.push_back(read_head(where, where.parent_path(), options));
    return goldens;
  }
  // As the paths of the files below are, which are told apart by it: `./here` is `here`.
  const fs::path folder = where.lexically_normal();
  const std::vector<fs::path> files = files_below(folder, error);
  if (error) return std::unexpected(fmt::format("{}: {}", where.string(), error.message()));
  const bool apart = !options.expected.empty();
  const fs::path other = options.expected.lexically_normal();
  const std::vector<fs::path> expectations = apart ? files_below(other, error) : files;
  if (error) return std::unexpected(fmt::format("{}: {}", options.expected.string(), error.message()));
  for (const fs::path& path : files) {
    if (path.extension() == ".bach" && wanted(path, options)) goldens.push_back(read_head(path, folder, options));
  }
  for (const fs::path& path : expectations) {
    if (path.extension() != kOutput && path.extension() != kErrors) continue;
    fs::path script = with(fs::path(path).replace_extension(), ".bach");
    if (apart) script = folder / script.lexically_relative(other);
    if (!fs::exists(script, error) && wanted(path, options))
      goldens.push_back({.script = path, .trouble = fmt::format("stale: there is no {}", printable(script.string()))});
  }
  std::ranges::sort(goldens, {}, &Golden::script);
  return goldens;
}

std::expected<GoldenRun, std::string> GoldenRun::start(const Golden& golden, const std::string& program) {
  Descriptor output = Descriptor::memory();
  Descriptor errors = Descriptor::memory();
  const fs::path in = with(golden.beside, kInput);
  std::error_code none;  // a name that is too long is that of no file
  const Descriptor input(open((fs::exists(in, none) ? in : golden.script).c_str(), O_RDONLY | O_CLOEXEC));
  if (!output.open() || !errors.open() || !input.open()) return std::unexpected(std::strerror(errno));
  std::vector<std::string> words = golden.words;
  words.insert(words.begin(), program);
  auto child = Child::start({.words = std::move(words),
                             .folder = golden.script.parent_path(),
                             .input = input.number(),
                             .output = output.number(),
                             .errors = errors.number(),
                             .most_output = kMostOutput});
  if (!child) return std::unexpected(child.error());
  return GoldenRun(golden, std::move(*child), std::move(output), std::move(errors));
}

GoldenResult GoldenRun::finish(bool update) {
  const int status = child_.wait();
  std::error_code none;
  GoldenResult result;
  const auto fail = [&result](std::string_view why) {
    result.trouble += fmt::format("{}{}", result.trouble.empty() ? "" : "; ", why);
  };
  // Compares what came with a file, or writes the file anew.
  const auto compare = [&](std::string_view ending, const Descriptor& came, std::string_view what) {
    const fs::path file = with(golden_->expected, ending);
    const std::optional<std::string> expected = text_of(file);
    std::string text = came.text();
    if (expected == text) return;
    if (update) {
      // It may name a script, or what is expected of another test.
      if (fs::is_symlink(file, none))
        return fail(fmt::format("{} is a link, and is not written", printable(file.string())));
      auto output = OutputFile::create(file.string());
      if (!output) return fail(output.error());
      (*output)->write(text);
      if (const std::string trouble = (*output)->finish(); !trouble.empty()) return fail(trouble);
      result.written.push_back(file);
      return;
    }
    if (!expected)
      return fail(fmt::format("{} {}; --update writes it", printable(file.string()),
                              fs::exists(file, none) ? "cannot be read" : "is missing"));
    fail(fmt::format("{} differs", what));
    result.diff += difference(file, printable(file.filename().string()), came);
  };
  if (status < 0) {
    fail(fmt::format("signal {} ({}) ended it", -status, strsignal(-status)));
  } else if (status != golden_->status) {
    fail(fmt::format("exit status {}, not {}", status, golden_->status));
  }
  if (child_.has_filled(output_) || child_.has_filled(errors_)) fail("it prints more than a file may hold here");
  if (update && !result.trouble.empty()) {
    fail("nothing is written");
  } else {
    compare(kOutput, output_, "the output");
  }
  const std::string errors = errors_.text();
  if (fs::exists(with(golden_->expected, kErrors), none)) {
    if (!update || result.trouble.empty()) compare(kErrors, errors_, "standard error");
  } else if (!errors.empty() && (!result.trouble.empty() || golden_->status == 0)) {
    if (result.trouble.empty()) fail("it complains, though it ends well");
    result.diff += errors;
  }
  return result;
}

GoldenResult GoldenRun::give_up(std::uint64_t seconds) {
  kill();
  return {.trouble = fmt::format("it has not ended after {} s", seconds)};
}

void GoldenRun::kill() {
  child_.kill();
  child_.wait();
}

}  // namespace bachsim
