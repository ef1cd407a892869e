import Hummingbird
import HTTPTypes
import NIOCore
import ServiceLifecycle
import Logging
