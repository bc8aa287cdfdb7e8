// A data directory, opened: made, closed, opened again, and refused where it is not whole.
#include "eventstore/store.h"

#include "eventstore/sealed_rows.h"
#include "eventstore/synced.h"
#include "tests/eventstore/fixture.h"

#include <filesystem>
#include <fstream>

namespace muster::test {
namespace {

namespace fs = std::filesystem;

StoreOptions creating() {
    StoreOptions options;
    options.create = true;
    return options;
}

// A workspace is made in it.
WorkspaceId use(Store& store) {
    Pool pool(1);
    Execute execute(*store.log, *store.aggregates, *store.vault, spec::ascii, system_clock(),
                    [&](std::function<void()> task) { pool.post(std::move(task)); });
    Command made;
    made.workspace = WorkspaceId{execute.fresh()};
    made.creates_workspace = true;
    made.actor = {ActorKind::operator_, {}};
    made.target = stream_of(made.workspace);
    made.decide = [](const Loaded& loaded, const Context& context) {
        return decide(*loaded.workspace, CreateWorkspace{spec::named("Spring"), {}}, context);
    };
    REQUIRE(execute.run_and_wait(made));
    return made.workspace;
}

void write(const std::string& path, const std::string& bytes) {
    fs::permissions(path, fs::perms::owner_write, fs::perm_options::add);
    std::ofstream(path, std::ios::binary | std::ios::trunc) << bytes;
}

TEST_CASE("a directory is made, closed and opened again") {
    Scratch scratch;
    auto directory = scratch / "data";
    CHECK_THROWS_AS(open_store(directory, {}), StorageError);
    CHECK_FALSE(fs::exists(directory));
    Uuid id;
    WorkspaceId spring;
    {
        auto store = open_store(directory, creating());
        id = store.id;
        spring = use(store);
        CHECK_THROWS_AS(open_store(directory, {}), StorageError);  // one process, one store at a time
    }
    for (const char* secret : {"/master.key", "/STORE", "/anchor"})
        CHECK((fs::status(directory + secret).permissions() & (fs::perms::group_all | fs::perms::others_all)) ==
              fs::perms::none);
    CHECK(fs::status(directory).permissions() == fs::perms::owner_all);
    auto store = open_store(directory, {});
    CHECK(store.id == id);
    CHECK(store.aggregates->workspace(spring)->name.value == "Spring");
    CHECK(store.log->head() == 1);
}

TEST_CASE("the directories above a new one are made with it, however it is written") {
    Scratch scratch;
    for (const auto& path : {scratch / "a/b/data", scratch / "c/data/", scratch / "a/./b/../e", scratch / "a"}) {
        CAPTURE(path);
        make_directories(path);
        CHECK(fs::is_directory(path));
    }
    const auto before = fs::current_path();
    fs::current_path(scratch.path());
    make_directories("data");
    fs::current_path(before);
    CHECK(fs::is_directory(scratch / "data"));
    std::ofstream(scratch / "file") << "no directory";
    CHECK_THROWS_AS(make_directories(scratch / "file/data"), fs::filesystem_error);
}

TEST_CASE("what is missing or damaged is refused, not made anew [N12]") {
    Scratch scratch;
    auto directory = scratch / "data";
    {
        auto store = open_store(directory, creating());
        use(store);
    }
    SECTION("STORE is gone") {
        fs::remove(directory + "/STORE");
        CHECK_THROWS_AS(open_store(directory, creating()), DamageError);
        CHECK_THROWS_AS(open_store(directory, {}), DamageError);
    }
    SECTION("the vault is gone") {
        fs::remove_all(directory + "/vault");
        CHECK_THROWS_AS(open_store(directory, creating()), DamageError);
    }
    SECTION("STORE is damaged") {
        write(directory + "/STORE", "muster store\nformat 1\nid 0");
        CHECK_THROWS_AS(open_store(directory, creating()), DamageError);
    }
    SECTION("another format") {
        write(directory + "/STORE", "muster store\nformat 2\nid 0\n");
        CHECK_THROWS_WITH(open_store(directory, {}), Catch::Contains("another format"));
    }
    SECTION("the log is gone") {
        fs::remove_all(directory + "/log");
        CHECK_THROWS_AS(open_store(directory, creating()), DamageError);
    }
    SECTION("a file of the log that RocksDB counts on is gone") {
        for (const auto& each : fs::directory_iterator(directory + "/log"))
            if (each.path().filename().string().starts_with("MANIFEST")) fs::remove(each.path());
        CHECK_THROWS_AS(open_store(directory, creating()), DamageError);
    }
    SECTION("log, vault and anchor are gone, but views of them are there") {
        for (const char* each : {"/log", "/vault", "/anchor"}) fs::remove_all(directory + each);
        fs::create_directory(directory + "/views");
        CHECK_THROWS_AS(open_store(directory, creating()), DamageError);
    }
    SECTION("the anchor is gone") {
        fs::remove(directory + "/anchor");
        CHECK_THROWS_AS(open_store(directory, creating()), DamageError);
    }
    SECTION("the vault is gone") {
        fs::remove_all(directory + "/vault");
        CHECK_THROWS_AS(open_store(directory, creating()), StorageError);
    }
    SECTION("another master key") {
        write(directory + "/master.key", std::string(32, 'x'));
        CHECK_THROWS_AS(open_store(directory, {}), StorageError);
    }
    SECTION("the master key is gone") {
        fs::remove(directory + "/master.key");
        CHECK_THROWS_AS(open_store(directory, creating()), StorageError);
        CHECK_FALSE(fs::exists(directory + "/master.key"));
    }
    SECTION("the master key is cut") {
        write(directory + "/master.key", "short");
        CHECK_THROWS_AS(open_store(directory, {}), StorageError);
    }
}

TEST_CASE("a vault whose write-ahead log was gone was taken for a whole one, and its people were locked out [N12]") {
    Scratch scratch;
    auto directory = scratch / "data";
    {
        auto store = open_store(directory, creating());
        use(store);
    }
    {
        auto store = open_store(directory, {});
        store.vault->passwords().put({{"grace", "a hash"}}, Sync::yes);
    }
    SECTION("deleted") {
        for (const auto& each : fs::directory_iterator(directory + "/vault"))
            if (each.path().extension() == ".log") fs::remove(each.path());
    }
    SECTION("cut") {
        for (const auto& each : fs::directory_iterator(directory + "/vault"))
            if (each.path().extension() == ".log") fs::resize_file(each.path(), each.file_size() / 2);
    }
    CHECK_THROWS_AS(open_store(directory, {}), DamageError);
    CHECK_THROWS_WITH(open_store(directory, {}), Catch::Contains("vault") && Catch::Contains("its end was lost"));
}

TEST_CASE("a first start that was cut short is completed by the next") {
    Scratch scratch;
    auto directory = scratch / "data";
    {
        auto store = open_store(directory, creating());
    }
    SECTION("after the directory") {
        fs::remove_all(directory);
        fs::create_directory(directory);
    }
    SECTION("after the master key") {
        for (const char* each : {"/STORE", "/anchor"}) fs::remove(directory + each);
        for (const char* each : {"/log", "/vault"}) fs::remove_all(directory + each);
    }
    SECTION("after STORE") {
        fs::remove(directory + "/anchor");
        for (const char* each : {"/log", "/vault"}) fs::remove_all(directory + each);
    }
    SECTION("after the log") {
        fs::remove(directory + "/anchor");
        fs::remove_all(directory + "/vault");
    }
    SECTION("after the anchor") { fs::remove_all(directory + "/vault"); }
    auto store = open_store(directory, creating());
    use(store);
    CHECK(store.log->head() == 1);
}

TEST_CASE("what is called as a part of a store, and is not, stays as it was, and nothing is put beside it") {
    Scratch scratch;
    auto var = scratch / "var";
    fs::create_directories(var + "/log/apt");
    std::ofstream(var + "/log/dpkg.log") << "theirs";
    const auto open_to_all = fs::perms::owner_all | fs::perms::group_read | fs::perms::others_read;
    fs::permissions(var + "/log", open_to_all);
    CHECK_THROWS_WITH(open_store(var, {}),
                      Catch::Contains("this is no data directory of Muster") || Catch::Contains("the master key"));
    CHECK_THROWS_WITH(open_store(var, creating()), Catch::Contains("is not Muster's: choose another data directory"));
    CHECK(fs::status(var + "/log").permissions() == open_to_all);
    CHECK(std::distance(fs::directory_iterator(var), {}) == 1);
}

TEST_CASE("a master key may be kept elsewhere") {
    Scratch scratch;
    auto options = creating();
    options.master_key_file = scratch / "key";
    CHECK_THROWS_AS(open_store(scratch / "data", options), StorageError);
    std::ofstream(options.master_key_file) << std::string(32, 'k');
    {
        auto store = open_store(scratch / "data", options);
    }
    CHECK_FALSE(fs::exists(scratch / "data/master.key"));
    CHECK_NOTHROW(open_store(scratch / "data", options));
}

TEST_CASE("a store in memory works like any other") {
    auto store = open_memory_store({});
    auto spring = use(store);
    CHECK(store.aggregates->workspace(spring));
}

}  // namespace
}  // namespace muster::test
