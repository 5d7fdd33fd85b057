import java.util.HashMap;
import java.util.Map;
import java.util.function.BiConsumer;
import org.apache.kafka.streams.state.WindowStore;

/** The rows of one table in windows of {@code size} ms: their store, and those that were not published yet. */
final class Table {
    private final WindowStore<String, Counts> store;
    private final long size;
    private final Map<String, Counts> changed = new HashMap<>();

    Table(WindowStore<String, Counts> store, long size) {
        this.store = store;
        this.size = size;
    }

    void add(String name, Event event) {
        long start = event.at() - event.at() % size;
        Counts row = Counts.after(store.fetch(name, start), event);
        store.put(name, row, start);
        changed.put(name + '|' + start, row);
    }

    void publish(BiConsumer<String, byte[]> publisher) {
        changed.forEach((key, row) -> publisher.accept(key, row.json()));
        changed.clear();
    }
}
