#include "sim/cli/session.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>

#include "sim/cli/command.h"
#include "workloads/language/characters.h"
#include "workloads/language/lexer.h"
#include "workloads/language/settings.h"

namespace bachsim {

namespace fs = std::filesystem;

constexpr const char* kTooLong = "the script is too long";

static fs::path canonical_folder(const std::string& path, std::error_code& error) {
  fs::path folder = fs::canonical(path, error);
  if (!error && !fs::is_directory(folder, error) && !error) error = std::make_error_code(std::errc::not_a_directory);
  return folder;
}

// Whether a path names a descriptor of this process, or a table of the kernel's: nobody has put such a file beside a
// script, and what it holds is another thing in each process.
static bool is_of_process(const fs::path& path) {
  constexpr std::array kRoots{"/proc", "/dev/fd", "/dev/stdin", "/dev/stdout", "/dev/stderr"};
  return std::ranges::any_of(
      kRoots, [&path](const fs::path& root) { return std::ranges::mismatch(root, path).in1 == root.end(); });
}

// Opens a plain file below a folder to be read. Nothing on the way is a link: one that has come there since the path
// was looked at may lead anywhere. -1, and errno, on failure.
static int open_below(const fs::path& folder, const fs::path& inside) {
  Descriptor at(open(folder.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  for (const fs::path& name : inside.parent_path()) {
    if (!at.open()) return -1;
    at = Descriptor(openat(at.number(), name.c_str(), O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  }
  return at.open() ? open_plain(at.number(), inside.filename().string()) : -1;
}

// Whether an open file is the one at a path.
static bool stands_at(int descriptor, const fs::path& path) {
  struct stat open {};
  struct stat there {};
  return fstat(descriptor, &open) == 0 && stat(path.c_str(), &there) == 0 && open.st_dev == there.st_dev &&
         open.st_ino == there.st_ino;
}

// The files that a script may name, which lie no farther than below some folders, links resolved: a script of somebody
// else reads nothing that its user has not put beside it.
class Session::FileIncludes : public Includes {
 public:
  FileIncludes(Session& session, std::vector<fs::path> folders, fs::path hidden = {})
      : session_(session), folders_(std::move(folders)), hidden_(std::move(hidden)) {}

  std::expected<File, std::string> open(std::string_view wanted, const std::string& from) override {
    auto found = find(wanted, from, "includes");
    if (!found) return std::unexpected(found.error());
    auto text = session_.read_file(std::move(found->file));
    if (!text) return std::unexpected(fmt::format("cannot read `{}`: {}", wanted, text.error()));
    const File file{.name = printable(wanted), .identity = found->path.string(), .text = std::move(*text)};
    return session_.included_.insert_or_assign({std::string(wanted), from}, file).first->second;
  }

  std::expected<std::unique_ptr<ReferenceFile>, std::string> references(std::string_view wanted,
                                                                        const std::string& from) override {
    const auto found = find(wanted, from, "replays");
    if (!found) return std::unexpected(found.error());
    auto file = HostReferences::find(found->path.string(), found->file);
    if (!file) return std::unexpected(fmt::format("cannot read `{}`: {}", wanted, file.error()));
    session_.files_.emplace_back(file->device, file->inode);
    session_.replayed_.insert_or_assign({std::string(wanted), from}, *file);
    return std::make_unique<HostReferences>(std::move(*file));
  }

 private:
  struct Found {
    fs::path path;
    Descriptor file;
  };
  // A plain file that the script may read.
  [[nodiscard]] std::expected<Found, std::string> find(std::string_view wanted, const std::string& from,
                                                       std::string_view does) const {
    if (folders_.empty())
      return std::unexpected(fmt::format("a script {} {} nothing without --include-root DIR",
                                         hidden_.empty() ? "from standard input" : "that is graded", does));
    std::error_code error;
    const fs::path named = (fs::path(from).parent_path() / fs::path(wanted)).lexically_normal();
    fs::path path =
        is_of_process(named) ? named : fs::weakly_canonical(fs::path(from).parent_path() / fs::path(wanted), error);
    if (error) return std::unexpected(fmt::format("cannot read `{}`: {}", wanted, error.message()));
    const auto holds = [&path](const fs::path& folder) {
      const fs::path inside = path.lexically_relative(folder);
      return !inside.empty() && *inside.begin() != "..";
    };
    const auto folder = std::ranges::find_if(folders_, holds);
    if (folder == folders_.end())
      return std::unexpected(fmt::format("`{}` is outside the script's folder; --include-root DIR widens it", wanted));
    if (is_of_process(path) || (fs::exists(path, error) && !fs::is_regular_file(path, error)))
      return std::unexpected(fmt::format("cannot read `{}`: it is no plain file", wanted));
    Descriptor file(open_below(*folder, path.lexically_relative(*folder)));
    if (!file.open()) return std::unexpected(fmt::format("cannot read `{}`: {}", wanted, std::strerror(errno)));
    if (!hidden_.empty() && stands_at(file.number(), hidden_))
      return std::unexpected(fmt::format("`{}` is not for this script to read", wanted));
    return Found{std::move(path), std::move(file)};
  }

  Session& session_;
  std::vector<fs::path> folders_;
  fs::path hidden_;  // which nobody reads; empty: no file
};

// The files that were read before.
class Session::KeptIncludes : public Includes {
 public:
  explicit KeptIncludes(const Session& session) : session_(session) {}

  std::expected<File, std::string> open(std::string_view wanted, const std::string& from) override {
    const auto kept = session_.included_.find({std::string(wanted), from});
    if (kept == session_.included_.end())
      return std::unexpected(fmt::format("`{}` is not read while a run goes on", wanted));
    return kept->second;
  }

  std::expected<std::unique_ptr<ReferenceFile>, std::string> references(std::string_view wanted,
                                                                        const std::string& from) override {
    const auto kept = session_.replayed_.find({std::string(wanted), from});
    if (kept == session_.replayed_.end())
      return std::unexpected(fmt::format("`{}` is not read while a run goes on", wanted));
    return std::make_unique<HostReferences>(kept->second);
  }

 private:
  const Session& session_;
};

Session::Session(std::string name, std::string text, bool color)
    : Session(color, std::make_shared<HostBudget>(spare_memory())) {
  identity_ = std::move(name);
  FileIncludes none(*this, {});
  parsed_ = parse(sources_, sources_.add(identity_, std::move(text)), identity_, none);
}

std::expected<std::unique_ptr<Session>, std::string> Session::load(const std::string& path,
                                                                   const std::string& include_root, bool color) {
  const bool standard_input = path == "-" || path == "/dev/stdin";
  std::vector<fs::path> folders;
  std::error_code error;
  if (!include_root.empty()) folders.push_back(canonical_folder(include_root, error));
  if (error) return std::unexpected(fmt::format("{}: {}", include_root, error.message()));
  std::unique_ptr<Session> session(new Session(color, std::make_shared<HostBudget>(spare_memory())));
  Descriptor script(standard_input ? dup(STDIN_FILENO) : open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!script.open())
    return std::unexpected(fmt::format("{}: {}", standard_input ? "standard input" : path, std::strerror(errno)));
  fs::path identity = standard_input ? fs::path() : fs::weakly_canonical(path, error);
  // Its folder is that of the file that is read, and of no other that has taken its place.
  if (!standard_input && !is_of_process(fs::path(path).lexically_normal()) && stands_at(script.number(), identity))
    folders.push_back(identity.parent_path());
  else
    identity = folders.empty() ? fs::path() : folders.front() / "-";
  auto text = session->read_file(std::move(script));
  if (!text) return std::unexpected(fmt::format("{}: {}", standard_input ? "standard input" : path, text.error()));
  const std::size_t file = session->sources_.add(standard_input ? "<stdin>" : printable(path), std::move(*text));
  FileIncludes includes(*session, std::move(folders));
  session->identity_ = identity.string();
  session->parsed_ = parse(session->sources_, file, session->identity_, includes);
  return session;
}

std::expected<std::unique_ptr<Session>, std::string> Session::load_stranger(std::string name, std::string text,
                                                                            const std::string& include_root,
                                                                            const std::string& hidden,
                                                                            std::uint64_t most_memory, bool color) {
  std::vector<fs::path> folders;
  std::error_code error;
  if (!include_root.empty()) folders.push_back(canonical_folder(include_root, error));
  if (error) return std::unexpected(fmt::format("{}: {}", include_root, error.message()));
  std::unique_ptr<Session> session(
      new Session(color, std::make_shared<HostBudget>(std::min(spare_memory(), most_memory))));
  if (!folders.empty()) session->identity_ = (folders.front() / "-").string();
  const std::size_t file = session->sources_.add(std::move(name), std::move(text));
  FileIncludes includes(*session, std::move(folders), fs::path(hidden));
  session->parsed_ = parse(session->sources_, file, session->identity_, includes);
  return session;
}

std::unique_ptr<Session> Session::followed_by(std::string name, std::string text) const {
  std::unique_ptr<Session> session(new Session(color_, budget_));
  session->identity_ = identity_;
  session->included_ = included_;
  session->replayed_ = replayed_;
  session->files_ = files_;
  const std::size_t script = session->sources_.add(std::string(sources_.name(0)), std::string(sources_.text(0)));
  const std::vector<std::size_t> behind{session->sources_.add(std::move(name), std::move(text))};
  KeptIncludes includes(*session);
  session->parsed_ = parse(session->sources_, script, identity_, includes, behind);
  session->parsed_.script.end = static_cast<std::uint32_t>(session->parsed_.script.statements.size());
  return session;
}

std::unique_ptr<Session> Session::with(const std::vector<std::string>& pieces) const {
  std::unique_ptr<Session> session(new Session(color_, budget_));
  session->identity_ = identity_;
  session->included_ = included_;
  session->replayed_ = replayed_;
  session->files_ = files_;
  const std::size_t script = session->sources_.add(std::string(sources_.name(0)), std::string(sources_.text(0)));
  std::vector<std::size_t> behind;
  for (const std::string& piece : pieces) behind.push_back(session->sources_.add("<typed>", piece));
  KeptIncludes includes(*session);
  session->parsed_ = parse(session->sources_, script, identity_, includes, behind);
  // The pieces' statements stand last.
  const auto& statements = session->script().statements;
  std::size_t begin = statements.size();
  session->pieces_.assign(pieces.size() + 1, begin);
  for (std::size_t k = pieces.size(); k-- > 0; session->pieces_[k] = begin) {
    const std::uint32_t start = session->sources_.start(behind[k]).offset;
    while (begin > 0 && statements[begin - 1].place.offset - start < pieces[k].size()) --begin;
  }
  return session;
}

std::expected<std::unique_ptr<Session>, std::string> Session::with_expressions(
    const std::vector<std::string>& texts) const {
  std::vector<std::string> pieces;
  for (const std::string& text : texts) pieces.push_back(statement_about(text) + "\n");
  std::unique_ptr<Session> session = with(pieces);
  if (!session->errors().empty()) {
    const Diagnostic& error = session->errors().front();
    const std::size_t file = session->sources().find(error.place).file;
    const bool of_text = file >= 1 && file <= texts.size();  // behind them is what the script includes
    return std::unexpected(of_text ? fmt::format("`{}`: {}", printable(texts[file - 1]), error.what) : error.what);
  }
  auto& statements = session->parsed_.script.statements;
  for (std::size_t i = 0; i < texts.size(); ++i) {
    const Expr* const expression = expression_of(statements[statements.size() - texts.size() + i], texts[i]);
    if (expression == nullptr) return std::unexpected(fmt::format("`{}`: this is no expression", printable(texts[i])));
    session->expressions_.push_back(expression);
  }
  statements.erase(statements.end() - static_cast<std::ptrdiff_t>(texts.size()), statements.end());
  return session;
}

// Reads an open file to its end.
std::expected<std::string, std::string> Session::read_file(Descriptor file) {
  if (!file.open()) return std::unexpected(std::strerror(errno));
  struct stat status {};
  if (fstat(file.number(), &status) == 0 && S_ISREG(status.st_mode)) files_.emplace_back(status.st_dev, status.st_ino);
  std::string text;
  std::array<char, 1u << 16> buffer;
  ssize_t count = 0;
  while (text.size() < Sources::kMaxBytes && (count = read_some(file.number(), buffer)) > 0)
    text.append(buffer.data(), static_cast<std::size_t>(count));
  if (count < 0) return std::unexpected(std::strerror(errno));
  if (text.size() >= Sources::kMaxBytes) return std::unexpected(kTooLong);
  return text;
}

bool Session::configure(const StageChoices& choices) {
  refusals_ = set_up(choices);
  return refusals_.empty() || print_errors(sources_, refusals_, color_) == kOk;
}

// All that is wrong; nothing if the machine is set up.
std::vector<Diagnostic> Session::set_up(const StageChoices& choices) {
  const auto add_text = [this](const char* option, const std::string& word) {
    if (word.size() >= Sources::kMaxBytes - sources_.bytes()) throw Diagnostic{sources_.start(0), kTooLong, {}};
    return sources_.add(option, word);
  };
  const auto sound = [](auto result) {
    if (!result) throw std::move(result.error());
    return std::move(*result);
  };
  try {
    ParamChoices params{.seed = choices.seed, .definitions = {}};
    for (const std::string& word : choices.definitions)
      params.definitions.push_back(sound(parse_definition(sources_, add_text("-D", word))));
    std::vector<Setting> settings;
    for (const std::string& word : choices.settings)
      settings.push_back(sound(parse_setting(sources_, add_text("--set", word))));
    for (const std::string& word : choices.varied)
      settings.push_back(sound(parse_setting(sources_, add_text("--vary", word))));
    params_.clear();
    if (errors().empty()) {
      auto chosen = choose(script(), params);
      if (!chosen) return std::move(chosen.error());
      params_ = std::move(*chosen);
    }
    auto config = bachsim::configure(script(), settings, errors(), params_);
    if (!config) return std::move(config.error());
    config_ = std::move(*config);
    config_->seed = choices.seed.value_or(0);
    foreseen_ = {};
    return {};
  } catch (Diagnostic& mistake) {
    return {std::move(mistake)};
  }
}

Run& Session::start(Listener& listener, const RunOptions& options, PageStore* swap_pages) {
  run_.reset();  // its memory is there for the next
  RunOptions with_params = options;
  with_params.params = params_;
  if (!options.idle) with_params.foreseen = foreseen_;
  run_.emplace(*config_, parsed_.script, listener, with_params,
               Host{.budget = budget_.get(), .swap_pages = swap_pages});
  if (!options.idle) foreseen_ = run_->foreseen();
  return *run_;
}

int Session::stopped(const Diagnostic& mistake) const { return print_errors(sources_, {mistake}, color_); }

std::string statement_about(std::string_view text) { return fmt::format("expect ({0}) == ({0})", text); }

const Expr* expression_of(const Statement& statement, std::string_view text) {
  Sources sources;
  Symbols symbols;
  Lexer lexer(sources, sources.add("", std::string(text)), symbols);
  Token token;
  std::int64_t open = 0;
  for (lexer.next(token); token.kind != TokenKind::End && open >= 0; lexer.next(token)) {
    if (token.kind == TokenKind::Newline) return nullptr;
    open += token.kind == TokenKind::LeftParen ? 1 : token.kind == TokenKind::RightParen ? -1 : 0;
  }
  const auto* const expect = std::get_if<ExpectStatement>(&statement.body);
  const bool whole = open == 0 && expect != nullptr && expect->condition->kind == ExprKind::Equal;
  return whole ? expect->condition->left : nullptr;
}

std::vector<FoundFile> Session::replayed() const {
  std::vector<FoundFile> files;
  for (const auto& [named, file] : replayed_) files.push_back(file);
  return files;
}

bool Session::reads(const std::string& path) const {
  struct stat status {};
  return stat(path.c_str(), &status) == 0 &&
         std::ranges::find(files_, std::pair(status.st_dev, status.st_ino)) != files_.end();
}

}  // namespace bachsim
