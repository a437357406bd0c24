// The parser's state while it goes through a script: recursive descent, one token of lookahead.
//
// A mistake is thrown as a Diagnostic up to its line, where it is noted; parsing goes on with the next line.
#pragma once

#include <initializer_list>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "sim/state/column.h"
#include "workloads/language/blocks.h"
#include "workloads/language/parser.h"
#include "workloads/language/tokens.h"

namespace bachsim {

class Grammar : private Tokens {
 public:
  Grammar(Sources& sources, Includes& includes) : Tokens(sources), includes_(includes) {}

  // A whole file, statement by statement.
  void file(std::size_t index, const std::string& identity);

  // The files so far are the script.
  void end_script() {
    script_.end = static_cast<std::uint32_t>(script_.statements.size());
    behind_ = true;
  }

  // KEY=VALUE and the end of the text.
  Setting only_setting(std::size_t index);
  // NAME=NUMBER and the end of the text.
  Definition only_definition(std::size_t index);

  ParseResult finish();

 private:
  static constexpr std::size_t kMaxRepeatedErrors = 100;
  static constexpr std::uint32_t kMaxHeight = 500;            // of an expression
  static constexpr std::size_t kMaxBlocks = 100;              // inside each other
  static constexpr std::size_t kMaxIncludes = 100;            // inside each other
  static constexpr std::size_t kMaxFiles = 10'000;            // included in all
  static constexpr std::size_t kMaxParameters = 100;          // of a definition
  static constexpr std::uint64_t kMaxCalledBytes = 1u << 22;  // of definitions, as often as they are called
  static constexpr std::uint32_t kNoName = ~std::uint32_t{0};

  struct Var {
    // Its cell where a statement names it: a region that a process does not have is a mistake there.
    [[nodiscard]] Location used_at(Place here) const {
      Location where = location;
      where.place = here;
      where.region.place = here;
      return where;
    }

    Location location;
    Place place;
  };
  struct LoopVariable {
    Symbol name;
    std::uint32_t slot;
    Place place;
  };
  // The processes that a name has been given to by the statements so far.
  struct Given {
    bool alone = false;               // `P`
    bool computed = false;            // `P[I]`: may be any of the family
    std::set<std::uint64_t> numbers;  // `P[3]`
  };
  struct Declared {
    std::uint32_t offset;  // of its place
    std::string_view kind;
    std::string_view name;
  };
  struct EarlyUse {
    ProcessRef ref;
    std::shared_ptr<const std::vector<Note>> calls;  // that it is in; null: none
  };

  // statements.cc
  void line();
  void statement();
  void recover();
  void end_of_block();
  void close_block();
  void title();
  void note();
  void include();
  void machine();
  void only(Lexer& lexer);
  void var();
  void spawn();
  void tick() { take_the_stage().add(TickStatement{optional_number()}); }
  void run() { take_the_stage().add(RunStatement{expression()}); }
  void age() { take_the_stage().add(AgeStatement{}); }
  void steal() { take_the_stage().add(StealStatement{optional_number()}); }
  void show();
  void show_walk();
  void expect_condition();
  void audit() { skip().add(AuditStatement{}); }
  void repeat();
  void for_loop();
  void open_loop(LoopStatement loop, const std::optional<Token>& variable);
  void if_branch() { open_branch(skip().condition(), script_.statements.size()); }
  void else_branch(const Block& before);
  void open_branch(const Expr* condition, std::size_t first);
  const Expr* condition();
  void open_brace();
  void open_block(Block block);
  void top_level() const;
  // Takes the word of a statement.
  Grammar& skip() {
    advance();
    return *this;
  }
  // The same for one that no machine statement may follow.
  Grammar& take_the_stage() {
    stage_set_ = true;
    return skip();
  }
  const Expr* optional_number() { return at_line_end() ? nullptr : expression(); }
  std::string_view escaped(std::string_view raw);
  std::string_view keep_text(const std::string& text);
  std::string_view dashed_name(std::string_view what);
  Setting setting();
  Setting::Value setting_value();

  // definitions.cc
  void define();
  void define_parameters(Defined& definition);
  Place pass_over_body(Defined& definition);
  // What a name stands for in the call that is being read; nullptr: it is no parameter.
  [[nodiscard]] const Argument* argument(Symbol name) const { return scopes_.empty() ? nullptr : find_argument(name); }
  [[nodiscard]] const Argument* find_argument(Symbol name) const;
  [[nodiscard]] std::span<const LoopVariable> variables() const {
    return std::span(loop_variables_).subspan(scopes_.empty() ? 0 : scopes_.back().first_variable);
  }
  [[nodiscard]] bool is_number_name(Symbol name) const;
  [[nodiscard]] bool at_name_argument() const;
  Argument name_argument(std::vector<const Expr*>& values);
  void call_definition(Symbol name, Place place);
  void check_recursion(const Defined& definition, Place place) const;
  void open_call(Scope scope, const std::vector<const Expr*>& values);
  void read_body(const Defined& definition);
  ProcessRef argument_ref(const Argument& bound, Place place);
  [[nodiscard]] std::vector<Note> call_notes() const;

  // param_parser.cc
  void param();
  void param_values(ParamDeclaration& declared);
  ParamDeclaration::Range param_range();
  void check_param_name(const Token& name) const;
  void check_value_name(const Token& name, std::string_view what) const;
  // A name for what is declared, which is no word and no param.
  Token want_name(std::string_view what);
  enum class Sign : std::uint8_t { No, May };
  [[nodiscard]] bool at_constant(Sign sign = Sign::No) const;
  const Expr* constant(std::string_view what, Sign sign = Sign::No);
  void check_constant(const Expr* expr) const;
  [[nodiscard]] bool is_param(Symbol name) const { return name < param_slots_.size() && param_slots_[name] != kNoName; }
  std::span<const NoteStatement::Part> text_with_values(const Token& text);
  const Expr* value_in_text(Place brace);

  // program_parser.cc
  void program();
  void program_item(ProgramDeclaration& program);
  ProgramDeclaration::Section section();
  void file_of(ProgramDeclaration& program);
  void working_set(ProgramDeclaration& program);

  // preset_parser.cc
  void preset();
  PresetBody preset_page();
  void preset_attribute(PageForm& page);
  DiskForm preset_disk(bool of_frame);

  // operations.cc
  void operation();
  [[nodiscard]] bool at_verb(Symbol verb) const;
  [[nodiscard]] bool is_process(Symbol name) const;
  void vhand();
  void operation_body(OperationBody& body);
  void assignment(Symbol name, Place place, WriteOp& op);
  OperationBody call(Word word, Place place);
  OperationBody print();
  PrintItem print_item();
  OperationBody shm_call(Word call);
  OperationBody plock_call(bool lock);
  OperationBody replay();
  ProgramId program_name();
  RegionRef region_ref();
  enum class KeyUse : std::uint8_t { Made, Used };
  std::uint64_t key(KeyUse use);
  void location(Location& where);
  void region_location(Location& where);

  // expressions.cc
  const Expr* expression() { return number_of(any_expression()); }  // a number
  const Expr* any_expression();                                     // a number or a word
  const Expr* sum();
  const Expr* operators_of_sum();
  const Expr* operators(unsigned least);
  const Expr* operators_behind(const Expr* left, unsigned least);
  const Expr* negation();
  const Expr* unary();
  const Expr* primary();
  const Expr* expression_in_parentheses();
  const Expr* number();
  const Expr* named();
  const Expr* bare_word(const Token& first);
  const Expr* variable_or_param(const Token& name);
  const Expr* path(const Path& path);
  const Expr* counter_path(const Token& word);
  const Expr* gauge_path(const Token& word);
  const Expr* number_path(Path path, Place mistake, const std::string& name, std::span<const std::string> names);
  const Expr* indexed_path(const Token& word, PathKind kind);
  const Expr* process_path(const Token& name);
  const Expr* region_path(const Token& name, ProcessRef process);
  const Expr* stealer_path(const Token& name);
  template <class Columns>
  const ColumnInfo* column(const Columns& columns, std::string_view of);
  const std::vector<std::string_view>& var_names();  // sorted
  std::vector<std::string_view> program_names() const;
  bool is_program(std::string_view name) { return programs_.contains(symbols_.intern(name)); }
  // The program whose file this one runs, which regions and pfdata name; empty for one with its own, and for none.
  std::string_view file_owner(std::string_view name);
  std::vector<std::string_view> number_names() const;
  Expr* node(ExprKind kind, Place place);
  std::uint16_t above(Place place, std::initializer_list<const Expr*> parts) const;
  const Expr* join(ExprKind kind, Place place, const Expr* left, const Expr* right);

  // draw_parser.cc
  // The name is already taken.
  bool at_draw(const Token& name) const {
    return at(TokenKind::LeftParen) && (name.symbol == random_ || name.symbol == zipf_);
  }
  const Expr* draw(const Token& name);
  const Expr* exponent();

  // kinds.cc
  const Expr* number_of(const Expr* expr) {
    if (expr->kind == ExprKind::Word || expr->kind == ExprKind::Path) [[unlikely]]
      check_number(expr);
    return expr;
  }
  void check_number(const Expr* expr);
  void check_comparison(ExprKind kind, Place place, const Expr* left, const Expr* right);
  void check_word(const Expr* word, const Expr* other);
  void stray_word(const Expr* word);
  // A line that is parsed but makes no sense. Only the first mistake of it is told, and none if it cannot be parsed.
  template <class... Args>
  void misuse(Place place, fmt::format_string<Args...> what, Args&&... args) {
    if (!misuse_) misuse_ = Diagnostic{place, fmt::format(what, std::forward<Args>(args)...)};
  }
  bool can_be(const ColumnInfo& column, const Expr* word);

  // given.cc
  enum class Giving : std::uint8_t { No, Yes };
  // `P` or `P[I]`. Giving::Yes: the statement gives the name to a process.
  ProcessRef process_ref(Giving giving);
  ProcessRef ref_of(Symbol name, Place place, Giving giving);
  std::uint32_t name_number(Symbol name);
  [[nodiscard]] bool is_given(const ProcessRef& ref) const;
  void settle_early_uses();
  void report_names();

  // A declaration is warned of unless something uses it.
  void declare(std::string_view kind, std::string_view name, Place place) {
    declared_.push_back({.offset = place.offset, .kind = kind, .name = name});
  }
  [[nodiscard]] std::vector<Declared> unused();
  void use(Place declared) {
    if (used_.empty() || used_.back() != declared.offset) used_.push_back(declared.offset);
  }

  [[nodiscard]] std::string_view squeezed(Place begin, Place end);
  void add_error(Diagnostic diagnostic);
  // Each call of a definition reads its body again, with the mistakes in it.
  [[nodiscard]] bool has_enough_errors() const {
    return errors_.size() == kMaxErrors || repeated_errors_ >= kMaxRepeatedErrors;
  }

  template <class Body>
  void add(const Body& body) {
    script_.statements.push_back({.place = line_start_, .end = last_end_, .body = body});
    if (draws_ != 0) [[unlikely]]
      note_draws();
  }

  // The statement that was added last draws the numbers of this line.
  void note_draws() {
    script_.draws.resize(script_.statements.size());
    script_.draws.back() = std::exchange(draws_, 0);
  }

  Includes& includes_;
  const Symbol random_ = symbols_.intern(spelling(SoftWord::Random));
  const Symbol zipf_ = symbols_.intern(spelling(SoftWord::Zipf));
  const Symbol begin_ = symbols_.intern(spelling(SoftWord::Begin));
  const Symbol finish_ = symbols_.intern(spelling(SoftWord::Finish));
  const Symbol vhand_ = symbols_.intern(spelling(SoftWord::Vhand));
  Script script_;
  std::vector<Diagnostic> errors_;
  std::size_t repeated_errors_ = 0;   // that are there already
  std::optional<Diagnostic> misuse_;  // of this line
  Place line_start_;
  bool head_ = true;        // no statement but title and param stands yet
  bool stage_set_ = false;  // a statement stands that a machine statement may not follow
  std::optional<Place> title_place_;
  std::vector<std::uint32_t> param_slots_;  // [Symbol]; kNoName for what is no param
  std::unordered_map<Symbol, ProgramId> programs_;
  std::unordered_map<Symbol, Var> vars_;
  std::vector<std::string_view> var_names_;   // of the vars when var_names() was called last
  std::vector<std::uint32_t> process_names_;  // [Symbol]; kNoName where it is none yet
  std::vector<Given> given_;                  // [name]
  std::vector<EarlyUse> in_loops_;            // early uses in the outermost loop, whose later rounds may come behind
  std::vector<EarlyUse> early_uses_;          // of names that no statement before gives to a process
  std::vector<Declared> declared_;
  std::vector<std::uint32_t> used_;  // offsets of declarations
  std::unordered_map<Symbol, std::uint64_t> shm_keys_;
  std::unordered_map<std::uint64_t, Place> key_places_;  // where a key stands first
  std::string_view actor_;                               // whose operation the line is; empty if it is none
  std::vector<LoopVariable> loop_variables_;
  std::vector<Block> blocks_;
  std::size_t loops_ = 0;    // among the blocks
  std::uint32_t slots_ = 0;  // of the blocks
  std::unordered_map<Symbol, Defined> definitions_;
  std::vector<Scope> scopes_;
  std::uint64_t called_bytes_ = 0;
  bool behind_ = false;                 // the script has ended: texts behind it are read
  std::size_t file_ = 0;                // that is being read
  std::uint32_t draws_ = 0;             // on this line, so far
  std::uint32_t nesting_ = 0;           // of expressions in parentheses and brackets
  int open_braces_ = 0;                 // taken on this line
  Place brace_;                         // the last one
  std::vector<std::string> including_;  // identities of the files that are open
  const std::string* identity_ = nullptr;
  std::size_t includes_seen_ = 0;
  std::size_t outer_blocks_ = 0;  // blocks of the files around this one, which it cannot close
};

}  // namespace bachsim
