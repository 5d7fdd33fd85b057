import java.util.Map;
import org.apache.kafka.streams.state.RocksDBConfigSetter;
import org.rocksdb.BlockBasedTableConfig;
import org.rocksdb.BloomFilter;
import org.rocksdb.Cache;
import org.rocksdb.LRUCache;
import org.rocksdb.Options;
import org.rocksdb.WriteBufferManager;

/** All RocksDB stores share one block cache and one budget for memtables, as Kafka Streams' documentation advises. */
public final class SharedMemory implements RocksDBConfigSetter {
    private static final Cache CACHE = new LRUCache(512L << 20);
    private static final WriteBufferManager MEMTABLES = new WriteBufferManager(256L << 20, CACHE);

    @Override
    public void setConfig(String store, Options options, Map<String, Object> configs) {
        BlockBasedTableConfig table = (BlockBasedTableConfig) options.tableFormatConfig();
        table.setBlockCache(CACHE);
        table.setCacheIndexAndFilterBlocks(true);
        table.setFilterPolicy(new BloomFilter());
        options.setTableFormatConfig(table);
        options.setWriteBufferManager(MEMTABLES);
    }

    @Override
    public void close(String store, Options options) {
        // What is shared lives as long as the process.
    }
}
